/** Fetches a file that only a POST hands out, and lets the browser store it. */
import { ApiError, NOT_OURS, OFFLINE, type ErrorBody } from '@xiaoer/api/client.ts'

export async function download(url: string): Promise<void> {
  let answer: Response
  try {
    answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}', credentials: 'same-origin' })
  } catch (cause) {
    throw new ApiError(0, { code: OFFLINE, message: String(cause) })
  }
  if (!answer.ok) {
    const body = (await answer.json().catch(() => null)) as ErrorBody | null
    throw new ApiError(answer.status, typeof body?.code === 'string' ? body : { code: NOT_OURS, message: `HTTP ${answer.status}` })
  }
  const href = URL.createObjectURL(await answer.blob())
  const link = document.createElement('a')
  link.href = href
  link.download = nameIn(answer.headers.get('content-disposition')) ?? 'buyer.zip'
  link.click()
  URL.revokeObjectURL(href)
}

export function nameIn(disposition: string | null): string | undefined {
  return /filename="([^"\\/]+)"/.exec(disposition ?? '')?.[1]
}
