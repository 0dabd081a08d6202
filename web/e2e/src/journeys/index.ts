import type { Journey } from '../journey.ts'
import { care } from './care.ts'
import { desk } from './desk.ts'
import { duty } from './duty.ts'
import { facts } from './facts.ts'
import { languages } from './languages.ts'
import { loss } from './loss.ts'
import { owner } from './owner.ts'
import { privacy } from './privacy.ts'
import { pages } from './pages.ts'
import { steering } from './steering.ts'
import { phrases } from './phrases.ts'
import { routing } from './routing.ts'
import { talking } from './talking.ts'
import { writing } from './writing.ts'
import { team } from './team.ts'

/** The longest first, so that the last one does not run alone for long. */
export const journeys: Journey[] = [...loss, ...languages, ...desk, ...facts, ...care, ...duty, ...talking, ...writing, ...team, ...owner, ...privacy, ...steering, ...pages, ...phrases, ...routing]
