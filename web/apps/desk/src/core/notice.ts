/** One line at the foot for what was refused and has no place of its own on the screen. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

export const useNotice = defineStore('notice', () => {
  const cause = ref<unknown>()

  function tell(what: unknown): void {
    cause.value = what
  }

  function clear(): void {
    cause.value = undefined
  }

  return { cause, tell, clear }
})
