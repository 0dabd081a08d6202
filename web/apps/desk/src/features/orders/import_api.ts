/** What the import page asks and is told. */
import { ApiError, NOT_OURS, OFFLINE, type ErrorBody } from '@xiaoer/api/client.ts'
import type { components } from '@xiaoer/api/generated.ts'

export type ImportSeen = components['schemas']['ImportSeen']
export type ImportStart = components['schemas']['ImportStart']
export type Imports = components['schemas']['Imports']
export type ImportJob = components['schemas']['ImportJob']
export type ImportRun = components['schemas']['ImportRun']
export type ImportCounts = components['schemas']['ImportCounts']

export const FORMATS = ['taobao', 'douyin', 'pdd', 'jd', 'online-retail', 'csv'] as const

export const refusedIn = (counts: ImportCounts): number => Object.values(counts.refused).reduce((sum, n) => sum + n, 0)

/** Brings the bytes of a file; `told` hears how much of it has gone out, between 0 and 1. */
export function bring(path: string, file: File, told: (share: number) => void): Promise<ImportSeen> {
  const request = new XMLHttpRequest()
  request.open('POST', `/api/v1${path}?name=${encodeURIComponent(file.name)}`)
  request.setRequestHeader('content-type', 'application/octet-stream')
  request.responseType = 'json'
  request.upload.onprogress = ({ loaded, total }) => told(total ? loaded / total : 0)
  return new Promise((done, failed) => {
    request.onerror = () => failed(new ApiError(0, { code: OFFLINE, message: 'no answer' }))
    request.onload = () => {
      const body = request.response as unknown
      if (request.status === 200) return done(body as ImportSeen)
      const told = body as ErrorBody | null
      failed(new ApiError(request.status, typeof told?.code === 'string' ? told : { code: NOT_OURS, message: `HTTP ${request.status}` }))
    }
    request.send(file)
  })
}
