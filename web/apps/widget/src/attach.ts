/* Pictures and files on their way: made smaller where a camera made them huge, uploaded with progress, cancelled, tried again; what is
   up is sent as a message. Nothing is lost in silence: what fails stays in the tray until it is put away. */

import type { Content } from '@xiaoer/realtime/shapes.ts'
import { sizeOf } from './cards.ts'
import type { Tools } from './tools.ts'

/** What the server takes until it says otherwise; it refuses more. */
const IMAGE_BYTES_MAX = 10 * 1024 * 1024
const FILE_BYTES_MAX = 20 * 1024 * 1024
const MB = 1024 * 1024
/** A picture beyond either is made smaller first. */
const EDGE_MAX = 2560
const PICTURE_BYTES_MAX = 1_500_000
/** Files of one choice. */
const AT_ONCE_MAX = 9
const QUALITY = 0.86
/** Refusals that the same file will always meet. */
const FOR_GOOD = ['too_big', 'type_refused', 'bad_attachment', 'no_space']

interface Stored {
  id: string
  t: 'image' | 'file'
  name: string
  bytes: number
  mime: string
  width?: number
  height?: number
  url: string
  thumb?: string
}

export async function attach(tools: Tools, files: File[]): Promise<void> {
  for (const file of files.slice(0, AT_ONCE_MAX)) await one(tools, file)
}

/** Where what is on its way stands; gone when nothing is. */
function trayOf({ kit: { element, composer, h } }: Tools): HTMLElement {
  const known = element.querySelector<HTMLElement>('.tray')
  if (known) return known
  const tray = h('div.tray', { role: 'status' })
  composer.element.before(tray)
  return tray
}

async function one(tools: Tools, file: File): Promise<void> {
  const { h, words, session } = tools.kit
  const { t } = words
  const { name } = file
  const bar = h<HTMLProgressElement>('progress', { max: 100, value: 0, 'aria-label': name })
  const said = h('div', {}, `${name} · ${sizeOf(file.size)}`, bar)
  const row = h('div.up', {}, said)
  let request: XMLHttpRequest | undefined
  const tray = trayOf(tools)
  tray.append(row)

  const away = () => {
    request?.abort()
    row.remove()
    if (!tray.childElementCount) tray.remove()
  }
  const button = (label: string, run: () => void) => h('button', { type: 'button', onclick: run }, label)
  const fail = (text: string, can_retry: boolean) => {
    row.className = 'up bad'
    said.replaceChildren(text)
    row.querySelectorAll('button').forEach((one) => one.remove())
    if (can_retry) row.append(button(t('upload_retry'), () => void go()))
    row.append(button(t('upload_cancel'), away))
  }
  if (!file.size) return fail(t('file_empty', { name }), false)

  const { image_bytes_max = IMAGE_BYTES_MAX, file_bytes_max = FILE_BYTES_MAX } = session.limits
  const bytes_max = file.type.startsWith('image/') ? image_bytes_max : file_bytes_max
  const too_big = () => t('file_too_big', { name, mb: Math.round(bytes_max / MB) })
  let body: Blob = file
  const picture = file.type.startsWith('image/') ? await createImageBitmap(file).catch(() => null) : null
  if (picture) {
    row.prepend(preview(picture))
    body = await smaller(file, picture)
  }
  if (body.size > bytes_max) return fail(too_big(), false)
  await go()

  async function go(): Promise<void> {
    row.className = 'up'
    said.replaceChildren(`${name} · ${sizeOf(body.size)}`, bar)
    row.querySelectorAll('button').forEach((one) => one.remove())
    row.append(button(t('upload_cancel'), away))
    request = new XMLHttpRequest()
    const outcome = await upload(tools, request, body, name, (percent) => {
      bar.value = percent
      bar.ariaLabel = t('uploading', { name, percent })
    })
    if (outcome === 'cancelled') return
    if (typeof outcome === 'string') {
      const why = t(`error_${outcome}` as 'error_other')
      return fail(outcome === 'too_big' ? too_big() : `${t('upload_failed', { name })}${why && `：${why}`}`, !FOR_GOOD.includes(outcome))
    }
    const { t: kind, id } = outcome
    const shown = { ...outcome, thumb: outcome.thumb ?? outcome.url, width: outcome.width ?? 0, height: outcome.height ?? 0 } as Content
    if (!session.send('', { t: kind, id }, shown)) return fail(t('error_outbox_full'), true)
    away()
    tools.kit.toEnd()
  }
}

/** What the server stored, `cancelled`, or the code of what went wrong. */
function upload({ kit }: Tools, request: XMLHttpRequest, body: Blob, name: string, progress: (percent: number) => void): Promise<Stored | string> {
  const { options, session } = kit
  return new Promise((done) => {
    request.open('POST', `${options.base}/api/v1/widget/${encodeURIComponent(options.shop)}/attachments`)
    request.setRequestHeader('authorization', `Visitor ${session.token}`)
    request.setRequestHeader('content-type', body.type || 'application/octet-stream')
    request.setRequestHeader('x-file-name', encodeURIComponent(name))
    request.responseType = 'json'
    request.timeout = 300_000
    request.upload.onprogress = ({ loaded, total }) => total && progress(Math.round((loaded / total) * 100))
    request.onabort = () => done('cancelled')
    request.onerror = request.ontimeout = () => done('unavailable')
    request.onload = () => {
      const answer = request.response as (Stored & { code?: string }) | null
      done(request.status === 200 && answer?.id ? answer : request.status === 413 ? 'too_big' : (answer?.code ?? 'unavailable'))
    }
    request.send(body)
  })
}

/** Drawn, not linked: no content policy has to allow it. */
function preview(picture: ImageBitmap): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  const scale = 80 / Math.min(picture.width, picture.height)
  canvas.width = canvas.height = 80
  canvas.getContext('2d')?.drawImage(picture, (80 - picture.width * scale) / 2, (80 - picture.height * scale) / 2, picture.width * scale, picture.height * scale)
  return canvas
}

/** A photo of a camera is far bigger than anybody looks at it here. What moves, and what would not shrink, stays as it is. */
export async function smaller(file: Blob, picture: { width: number; height: number } & CanvasImageSource): Promise<Blob> {
  const edge = Math.max(picture.width, picture.height)
  if (file.type === 'image/gif' || (edge <= EDGE_MAX && file.size <= PICTURE_BYTES_MAX)) return file
  const scale = Math.min(1, EDGE_MAX / edge)
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(picture.width * scale)
  canvas.height = Math.round(picture.height * scale)
  const paper = canvas.getContext('2d')
  if (!paper) return file
  paper.fillStyle = '#fff'
  paper.fillRect(0, 0, canvas.width, canvas.height)
  paper.drawImage(picture, 0, 0, canvas.width, canvas.height)
  const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY))
  return made && made.size < file.size ? made : file
}
