/** Who sits here and for which shop. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Account, Shop, SignedIn } from './wire'

/** `expired`: was signed in, must sign in again; what stood on the desk is kept meanwhile. */
export type SessionPhase = 'asking' | 'out' | 'expired' | 'in'

export const useSession = defineStore('session', () => {
  const phase = ref<SessionPhase>('asking')
  const account = ref<Account>()
  const shops = ref<Shop[]>([])
  const mustChangePassword = ref(false)
  const shopKey = ref<string>()
  const shop = computed(() => shops.value.find((one) => one.key === shopKey.value))

  /** True when another person than before signed in: nothing of the old desk may stay. */
  function enter(who: SignedIn, wanted: string | undefined): boolean {
    const changed = account.value !== undefined && account.value.id !== who.account.id
    account.value = who.account
    shops.value = who.shops
    mustChangePassword.value = who.must_change_password
    const known = who.shops.find((one) => one.key === (wanted ?? shopKey.value))
    shopKey.value = known?.key ?? (who.shops.length === 1 ? who.shops[0]?.key : undefined)
    phase.value = 'in'
    return changed
  }

  function may(right: string | undefined): boolean {
    return right === undefined || (shop.value?.rights ?? []).includes(right)
  }

  function choose(key: string | undefined): void {
    shopKey.value = key
  }

  function leave(): void {
    phase.value = 'out'
    account.value = undefined
    shops.value = []
    shopKey.value = undefined
  }

  function expire(): void {
    phase.value = account.value ? 'expired' : 'out'
  }

  return { phase, account, mustChangePassword, shops, shop, shopKey, may, enter, choose, leave, expire }
})
