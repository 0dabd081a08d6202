import { onScopeDispose, ref, watch, type Ref } from 'vue'

/** Loading shows nothing for this long: most answers are faster, and a flash is worse than a wait. */
export const LATE_AFTER_MS = 150

/** True once `busy` has lasted for a while; false at once when it ends. */
export function useLate(busy: () => boolean, after_ms = LATE_AFTER_MS): Ref<boolean> {
  const late = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    busy,
    (now) => {
      clearTimeout(timer)
      late.value = false
      if (now) timer = setTimeout(() => (late.value = true), after_ms)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return late
}
