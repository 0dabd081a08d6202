/* Two soft notes. Nothing plays unless the buyer has switched it on. */

export function chime(): void {
  try {
    const audio = new AudioContext()
    ;[660, 880].forEach((pitch, at) => {
      const tone = audio.createOscillator()
      const volume = audio.createGain()
      const start = audio.currentTime + at * 0.12
      tone.frequency.value = pitch
      volume.gain.setValueAtTime(0.06, start)
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.3)
      tone.connect(volume).connect(audio.destination)
      tone.start(start)
      tone.stop(start + 0.3)
    })
  } catch {
    /* a device without sound */
  }
}
