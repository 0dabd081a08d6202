/** Which settings stand together; what is not named here stands under `more`. */
export const GROUPS: Record<string, readonly string[]> = {
  shop: ['shop_kind', 'zone', 'currency', 'origins'],
  hours: ['opens_minute', 'closes_minute', 'duty_hours', 'day_shift', 'night_shift', 'roster_min', 'follow_up_minutes', 'roster_binds'],
  talk: ['seat_frees_minutes', 'session_ends_minutes', 'same_agent_hours', 'recall_seconds', 'nudge_seconds', 'after_sales_days', 'transfer_accept_seconds'],
  waiting: ['wait_notice_seconds', 'wait_alarm_seconds', 'wait_overtime_seconds', 'goal_first_seconds', 'goal_response_seconds', 'in_time_seconds', 'auto_long_wait_seconds', 'auto_overload_from', 'overtime_reassign', 'leave_message_minutes'],
  buyers: ['rating', 'rating_change_hours', 'viewing', 'privacy_version', 'privacy_zh', 'privacy_en', 'keep_text_days', 'keep_attachment_days', 'keep_order_person_days', 'reveals_per_hour', 'signature_shown', 'signature_default'],
  safety: ['second_factor_roles', 'step_up_minutes', 'backup_at', 'backups_kept'],
}

export function grouped<S extends { name: string }>(settings: readonly S[]): { name: string; settings: S[] }[] {
  const known = new Set(Object.values(GROUPS).flat())
  const named = Object.entries(GROUPS).map(([name, names]) => ({ name, settings: names.flatMap((one) => settings.filter((setting) => setting.name === one)) }))
  const more = { name: 'more', settings: settings.filter((setting) => !known.has(setting.name)) }
  return [...named, more].filter((group) => group.settings.length > 0)
}

/** Settings that are minutes of the day are typed as times. */
export const MINUTES = ['opens_minute', 'closes_minute']

export function timeOf(minute: number): string {
  const whole = minute % (24 * 60)
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}
