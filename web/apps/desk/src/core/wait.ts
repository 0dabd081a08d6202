/** The pill of one waiting buyer: its step by the second, its text as often as the step deserves. */
import { ticksEachSecond, waitedSeconds, waitStep, type WaitStep } from '@xiaoer/ui'
import { computed, type ComputedRef } from 'vue'
import { useClock } from './clock'
import { useSettings } from './settings'
import { useWords } from './words'

export interface WaitFace {
  step: WaitStep
  text: string
  word: string
  spoken: string
}

export function useWait(since: () => number | null, open: () => boolean): ComputedRef<WaitFace | undefined> {
  const clock = useClock()
  const settings = useSettings()
  const { t, wait, waitWord } = useWords()

  const step = computed(() => {
    const from = since()
    return from === null ? undefined : waitStep(waitedSeconds(from, clock.second), settings.waiting)
  })

  return computed(() => {
    const from = since()
    if (from === null || step.value === undefined) return undefined
    const now = ticksEachSecond(step.value, open()) ? clock.second : clock.tenSeconds
    const text = wait(waitedSeconds(from, now))
    const word = waitWord(step.value)
    return { step: step.value, text, word, spoken: t('wait.spoken', { text, word }) }
  })
}
