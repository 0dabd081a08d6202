/* A UUIDv7: time first, so that ids grow and store fast; 74 random bits after it. */

export function newClientId(now_ms: number, random: () => number): string {
  let hex = Math.floor(now_ms).toString(16).padStart(12, '0').slice(-12)
  hex += '7' + digits(3, random) + '89ab'[Math.floor(random() * 4)] + digits(15, random)
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function digits(count: number, random: () => number): string {
  let out = ''
  for (let i = 0; i < count; i++) out += Math.floor(random() * 16).toString(16)
  return out
}
