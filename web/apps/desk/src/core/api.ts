import type { Client } from '@xiaoer/api/client.ts'
import { inject, type InjectionKey } from 'vue'

export type Api = Client

export const API: InjectionKey<Api> = Symbol('api')

export function useApi(): Api {
  const api = inject(API)
  if (!api) throw new Error('no api here: the app provides it')
  return api
}
