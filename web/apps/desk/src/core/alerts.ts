/**
 * What calls for attention: a new buyer, a reply in a conversation that nobody looks at, a wait that became urgent.
 * Decides what happened; how it sounds and shows is elsewhere. Away means quiet.
 */
import type { Row } from '@xiaoer/realtime'
import type { Alert } from './choices'

export interface Happening {
  alert: Alert
  row: Row
}

interface Known {
  /** Number of the newest line that the buyer wrote. */
  said: number
  /** The wait whose alarm has been told. */
  alarmed: number | null
}

export interface Look {
  rows: readonly Row[]
  /** The conversation on screen, in a window that has the focus. */
  inView: string | undefined
  quiet: boolean
  /** Waiting since before this moment is urgent. */
  urgentBefore: number
}

/** Compares what is there with what was there. The first look only learns: nobody is alarmed by opening the desk. */
export function createWatcher(): (look: Look) => Happening[] {
  let known: Map<string, Known> | undefined
  return ({ rows, inView, quiet, urgentBefore }) => {
    const before = known
    const happened: Happening[] = []
    known = new Map()
    for (const row of rows) {
      const was = before?.get(row.conversation)
      const said = row.last?.side === 'buyer' && row.last.kind === 'message' ? row.last.seq : (was?.said ?? 0)
      const urgent = row.waiting_since !== null && row.waiting_since <= urgentBefore
      const alarmed = urgent ? row.waiting_since : null
      known.set(row.conversation, { said, alarmed })
      if (!before || quiet || row.conversation === inView) continue
      if (urgent && was?.alarmed !== row.waiting_since) happened.push({ alert: 'alarm', row })
      else if (!was) happened.push({ alert: 'conversation', row })
      else if (said > was.said) happened.push({ alert: 'reply', row })
    }
    return happened
  }
}
