/** The server's time on screen: one tick a second for what is urgent or open, one in ten for the rest. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

const TICK_MS = 1000
const SLOW_TICKS = 10

export const useClock = defineStore('clock', () => {
  const offset_us = ref(0)
  const second = ref(deviceMicros())
  const tenSeconds = ref(second.value)
  let ticks = 0

  function now(): number {
    return deviceMicros() + offset_us.value
  }

  function learn(server_us: number): void {
    offset_us.value = server_us - deviceMicros()
  }

  /** Starts ticking; the returned function stops it. */
  function run(): () => void {
    const tick = (): void => {
      second.value = now()
      if (ticks++ % SLOW_TICKS === 0) tenSeconds.value = second.value
    }
    tick()
    const timer = setInterval(tick, TICK_MS)
    return () => clearInterval(timer)
  }

  return { second, tenSeconds, now, learn, run }
})

function deviceMicros(): number {
  return Date.now() * 1000
}
