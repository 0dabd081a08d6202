/** How a thread moves: it follows the newest line only for who is there, and never jumps when earlier lines arrive. */
import { nextTick, onBeforeUnmount, onBeforeUpdate, onMounted, onUpdated, ref, type Ref } from 'vue'

export interface ScrollSource {
  first(): number
  last(): number
  /** Whether something newer than `seq` was said by the buyer. */
  fromOther(seq: number): boolean
  nearTop(): void
  nearBottom(): void
}

const BOTTOM_PX = 48
const EDGE_PX = 160

export function useScroll(box: Ref<HTMLElement | undefined>, source: ScrollSource) {
  const atBottom = ref(true)
  const unseen = ref(0)
  const found = ref(0)
  let before = { height: 0, first: 0, last: 0 }
  let seenTo = 0
  let resized: ResizeObserver | undefined

  function toBottom(): void {
    if (box.value) box.value.scrollTop = box.value.scrollHeight
  }

  function toNewest(): void {
    atBottom.value = true
    unseen.value = 0
    void nextTick(toBottom)
  }

  function moved(): void {
    const it = box.value
    if (!it) return
    atBottom.value = it.scrollHeight - it.scrollTop - it.clientHeight < BOTTOM_PX
    if (atBottom.value) markSeen()
    if (it.scrollTop < EDGE_PX) source.nearTop()
    if (it.scrollHeight - it.scrollTop - it.clientHeight < EDGE_PX) source.nearBottom()
  }

  function markSeen(): void {
    unseen.value = 0
    seenTo = source.last()
  }

  /** Brings one line to the middle and marks it until the next one. */
  function show(seq: number): void {
    found.value = seq
    atBottom.value = false
    void nextTick(() => {
      box.value?.querySelector(`[data-lane="buyer"][data-seq="${seq}"]`)?.scrollIntoView({ block: 'center' })
      moved()
    })
  }

  onMounted(() => {
    toBottom()
    markSeen()
    resized = new ResizeObserver(() => atBottom.value && toBottom())
    if (box.value) resized.observe(box.value)
  })
  onBeforeUnmount(() => resized?.disconnect())

  onBeforeUpdate(() => {
    before = { height: box.value?.scrollHeight ?? 0, first: before.first, last: before.last }
  })

  onUpdated(() => {
    const it = box.value
    if (!it) return
    const first = source.first()
    const last = source.last()
    const grewUp = before.first > 0 && first < before.first && last >= before.last
    if (grewUp && !atBottom.value) it.scrollTop += it.scrollHeight - before.height
    else if (atBottom.value) toBottom()
    if (atBottom.value) markSeen()
    else if (last > before.last && before.last > 0 && source.fromOther(before.last)) unseen.value = last - seenTo
    before = { height: it.scrollHeight, first, last }
  })

  return { atBottom, unseen, found, moved, show, toNewest }
}
