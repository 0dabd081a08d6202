/** What went wrong at the door: with tries that are left, or the seconds to wait, counted down. */
import { ApiError } from '@xiaoer/api/client.ts'
import { computed, onScopeDispose, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useWords } from './words'

export function useTrouble() {
  const { t } = useI18n()
  const { problem } = useWords()
  const text = ref('')
  const wait_s = ref(0)
  const timer = setInterval(() => {
    if (wait_s.value > 0 && --wait_s.value === 0) text.value = ''
  }, 1000)
  onScopeDispose(() => clearInterval(timer))

  const trouble = computed<string>({
    get: () => (text.value && wait_s.value > 0 ? `${text.value}${t('signIn.waitText', { n: wait_s.value })}` : text.value),
    set(value) {
      text.value = value
      wait_s.value = 0
    },
  })

  function tell(cause: unknown): void {
    const params = cause instanceof ApiError ? cause.params : {}
    const left = Number(params.tries_left ?? 0)
    wait_s.value = Math.ceil(Number(params.retry_ms ?? 0) / 1000)
    const said = cause instanceof ApiError && cause.code === 'too_fast' ? '' : problem(cause)
    const space = said && /\w\.$/.test(said) ? ' ' : ''
    text.value = said + space
    if (left > 0 && wait_s.value === 0) text.value += t('signIn.triesLeft', { n: left }, left)
    // With nothing said before it, the countdown stands alone.
    if (!text.value && wait_s.value > 0) text.value = '\u200b'
  }

  return { t, trouble, tell }
}
