/** Acts that matter: what was done, what went wrong, and the password first where the server wants it. */
import { ApiError } from '@xiaoer/api/client.ts'
import en from '@xiaoer/i18n/security/en.ts'
import zhCN from '@xiaoer/i18n/security/zh-CN.ts'
import { ref, shallowRef } from 'vue'
import { useApi } from '../../core/api'
import { addTexts } from '../../core/texts'
import { useWords } from '../../core/words'
import type { Security } from './security_api'

export function useActs() {
  addTexts('security', { 'zh-CN': zhCN, en })
  const api = useApi()
  const { problem } = useWords()
  const told = ref('')
  const trouble = ref('')
  const busy = ref(false)
  /** Waits until the person has proved who they are. */
  const pending = shallowRef<() => Promise<void>>()
  const hasFactor = ref(false)

  async function act(work: () => Promise<void>): Promise<void> {
    told.value = trouble.value = ''
    busy.value = true
    try {
      await work()
    } catch (cause) {
      if (cause instanceof ApiError && cause.code === 'step_up_needed') await ask(work)
      else trouble.value = problem(cause)
    } finally {
      busy.value = false
    }
  }

  async function ask(work: () => Promise<void>): Promise<void> {
    const known = await api.get<Security>('/me/security').catch(() => undefined)
    hasFactor.value = known?.second_factor_since !== undefined
    pending.value = work
  }

  function proven(): void {
    const work = pending.value
    pending.value = undefined
    if (work) void act(work)
  }

  return { told, trouble, busy, pending, hasFactor, act, proven }
}
