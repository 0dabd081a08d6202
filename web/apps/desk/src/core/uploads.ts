/**
 * Pictures and files on their way to a buyer: uploaded with progress, cancelled, tried again; what is up is sent as a
 * message. Nothing is lost in silence: what fails stays in the tray until it is put away.
 */
import type { Content } from '@xiaoer/realtime'
import { defineStore } from 'pinia'
import { ref } from 'vue'

export interface Upload {
  key: number
  conversation: string
  name: string
  file: File
  percent: number
  state: 'going' | 'failed'
  /** Code of what went wrong. */
  code?: string
  /** The same file would always be refused. */
  final?: boolean
}

interface Stored {
  id: string
  t: 'image' | 'file'
}

/** Files of one choice. */
export const AT_ONCE_MAX = 9
const MS_MAX = 300_000
const FOR_GOOD = ['too_big', 'type_refused', 'bad_attachment', 'no_space', 'empty']

export const useUploads = defineStore('uploads', () => {
  const list = ref<Upload[]>([])
  const requests = new Map<number, XMLHttpRequest>()
  let last = 0

  function add(shop: string, conversation: string, files: readonly File[], bytesMax: (file: File) => number, done: (content: Content) => void): void {
    for (const file of files.slice(0, AT_ONCE_MAX)) {
      const item: Upload = { key: ++last, conversation, name: file.name || 'image.png', file, percent: 0, state: 'going' }
      list.value.push(item)
      if (!file.size) fail(item.key, 'empty')
      else if (file.size > bytesMax(file)) fail(item.key, 'too_big')
      else go(shop, item.key, done)
    }
  }

  function go(shop: string, key: number, done: (content: Content) => void): void {
    const item = find(key)
    if (!item) return
    Object.assign(item, { state: 'going', percent: 0, code: undefined })
    const request = new XMLHttpRequest()
    requests.set(key, request)
    request.open('POST', `/api/v1/shops/${encodeURIComponent(shop)}/conversations/${encodeURIComponent(item.conversation)}/attachments`)
    request.setRequestHeader('content-type', item.file.type || 'application/octet-stream')
    request.setRequestHeader('x-file-name', encodeURIComponent(item.name))
    request.responseType = 'json'
    request.timeout = MS_MAX
    request.upload.onprogress = ({ loaded, total }) => {
      const known = find(key)
      if (known && total) known.percent = Math.round((loaded / total) * 100)
    }
    request.onerror = request.ontimeout = () => fail(key, 'unavailable')
    request.onload = () => {
      const answer = request.response as (Stored & Record<string, unknown> & { code?: string }) | null
      if (request.status !== 200 || !answer?.id) return fail(key, request.status === 413 ? 'too_big' : (answer?.code ?? 'unavailable'))
      drop(key)
      done({ ...answer, thumb: answer.thumb ?? answer.url, width: answer.width ?? 0, height: answer.height ?? 0 } as unknown as Content)
    }
    request.send(item.file)
  }

  function fail(key: number, code: string): void {
    const item = find(key)
    if (item) Object.assign(item, { state: 'failed', code, final: FOR_GOOD.includes(code) })
  }

  function drop(key: number): void {
    requests.get(key)?.abort()
    requests.delete(key)
    list.value = list.value.filter((item) => item.key !== key)
  }

  const find = (key: number): Upload | undefined => list.value.find((item) => item.key === key)
  return { list, add, go, drop }
})
