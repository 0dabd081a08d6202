/* A lane that may start in the middle and grow backwards: what an agent reads of a long history. */

import { LiveLog } from './live_log.ts'
import type { Entry } from './shapes.ts'

export class LaneLog extends LiveLog {
  get has_older(): boolean {
    return (this.entries[0]?.seq ?? this.after + 1) > 1
  }

  /** Puts an older page before what is here; anything that does not join exactly is dropped. */
  prepend(page: readonly Entry[]): void {
    let before = this.entries[0]?.seq ?? this.after + 1
    const older: Entry[] = []
    for (const entry of [...page].sort((a, b) => b.seq - a.seq)) {
      if (entry.seq !== before - 1) continue
      before = entry.seq
      older.unshift(entry)
    }
    this.entries.unshift(...older)
    older.forEach((entry) => this.apply(entry))
    this.recalled.forEach((seq) => this.strike(seq))
  }

  find(seq: number): Entry | undefined {
    return this.entries[seq - (this.entries[0]?.seq ?? 0)]
  }
}
