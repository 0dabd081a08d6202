/** Buyers of colleagues who wait beyond overtime, as whoever leads is called: once for each wait, until it is looked at. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

export interface OvertimeCall {
  conversation: string
  buyer: string
  agent: string
  seconds: number
}

interface Kept extends OvertimeCall {
  /** Since when the buyer waits, by the server's clock. */
  since: number
}

const SECOND_US = 1_000_000
/** Calls that are kept; who has more than this looks at the wall. */
const CALLS_MAX = 50

export const useOvertime = defineStore('overtime', () => {
  const calls = ref<Kept[]>([])
  /** The longest wait first. */
  const first = computed(() => calls.value[0])

  function receive(call: OvertimeCall, now: number): void {
    const others = calls.value.filter((one) => one.conversation !== call.conversation)
    calls.value = [...others, { ...call, since: now - call.seconds * SECOND_US }].sort((a, b) => a.since - b.since).slice(0, CALLS_MAX)
  }

  function seen(conversation: string): void {
    calls.value = calls.value.filter((one) => one.conversation !== conversation)
  }

  return { calls, first, receive, seen }
})
