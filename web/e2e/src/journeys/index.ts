import type { Journey } from '../journey.ts'
import { talking } from './talking.ts'

export const journeys: Journey[] = [...talking]
