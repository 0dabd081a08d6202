/* One lane of one conversation without a hole: what may be shown, in order, each line once.
   Entries beyond a gap are held back until the gap is filled. */

import type { Entry } from './shapes.ts'

/** Beyond this many held-back entries a resume is cheaper than waiting. */
const HELD_MAX = 500

export class LiveLog {
  /** Contiguous: `entries[i].seq === first + i`. */
  entries: Entry[] = []
  /** Everything up to and including this seq is here (or lies before the page that was asked for). */
  after: number
  /** The highest seq the server is known to have. */
  last_seq: number
  #held = new Map<number, Entry>()
  protected recalled = new Set<number>()

  constructor(after = 0) {
    this.after = after
    this.last_seq = after
  }

  get has_gap(): boolean {
    return this.after < this.last_seq
  }

  /** Takes entries in any order, doubled or not. Returns those that became visible, in order. */
  merge(incoming: readonly Entry[], last_seq = 0): Entry[] {
    this.last_seq = Math.max(this.last_seq, last_seq)
    for (const entry of incoming) {
      this.last_seq = Math.max(this.last_seq, entry.seq)
      if (entry.seq > this.after && (this.#held.size < HELD_MAX || entry.seq === this.after + 1)) {
        this.#held.set(entry.seq, entry)
      }
    }
    const added: Entry[] = []
    for (let next; (next = this.#held.get(this.after + 1)); ) {
      this.#held.delete(next.seq)
      this.after = next.seq
      added.push(next)
    }
    this.entries.push(...added)
    added.forEach((entry) => this.apply(entry))
    return added
  }

  protected apply(entry: Entry): void {
    if (entry.kind !== 'recall' || !entry.ref) return
    this.recalled.add(entry.ref)
    this.strike(entry.ref)
  }

  /** What was erased shows nothing any more; its number stays. */
  erase(seqs: readonly number[]): void {
    const first = this.entries[0]?.seq ?? 0
    for (const seq of seqs) {
      const entry = this.entries[seq - first]
      if (!entry) continue
      const { text: _gone, content: _too, ...rest } = entry
      this.entries[seq - first] = rest
    }
  }

  protected strike(seq: number): void {
    const index = seq - (this.entries[0]?.seq ?? 0)
    const entry = this.entries[index]
    if (!entry || entry.recalled) return
    const { text: _gone, content: _too, ...rest } = entry
    this.entries[index] = { ...rest, recalled: true }
  }
}
