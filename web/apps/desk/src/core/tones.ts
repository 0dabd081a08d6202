/** The sounds of the desk: a few short tones made on the spot, one figure for each thing that calls. */
import type { Alert } from './choices'

/** Pitch in hertz, when it begins and how long it lasts in seconds. */
type Note = readonly [pitch_hz: number, at_s: number, length_s: number]

const FIGURES: Record<Alert, readonly Note[]> = {
  conversation: [[660, 0, 0.16], [880, 0.13, 0.24]],
  reply: [[784, 0, 0.14]],
  alarm: [[988, 0, 0.12], [784, 0.15, 0.12], [988, 0.3, 0.2]],
}
const LOUDEST = 0.3
const ATTACK_S = 0.012
/** A burst of events sounds once. */
const PAUSE_MS = 1500

let context: AudioContext | undefined
let playedAt = -Infinity

/** Plays one figure; silent where the browser has no sound or has not allowed it yet. */
export function play(alert: Alert, volume: number, now_ms = performance.now()): boolean {
  if (volume <= 0 || (now_ms - playedAt < PAUSE_MS && alert !== 'alarm')) return false
  playedAt = now_ms
  try {
    context ??= new AudioContext()
    const audio = context
    void audio.resume().then(() => {
      for (const note of FIGURES[alert]) sound(audio, note, (volume / 100) * LOUDEST)
    }, () => undefined)
    return true
  } catch {
    return false
  }
}

function sound(audio: AudioContext, [pitch_hz, at_s, length_s]: Note, loudness: number): void {
  const tone = audio.createOscillator()
  const swell = audio.createGain()
  const from = audio.currentTime + at_s
  tone.type = 'sine'
  tone.frequency.value = pitch_hz
  swell.gain.setValueAtTime(0, from)
  swell.gain.linearRampToValueAtTime(loudness, from + ATTACK_S)
  swell.gain.exponentialRampToValueAtTime(0.0001, from + length_s)
  tone.connect(swell).connect(audio.destination)
  tone.start(from)
  tone.stop(from + length_s)
}
