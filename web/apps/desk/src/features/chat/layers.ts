/** What can stand over the thread while a reply is written; one at a time. */
export type Layer = 'phrases' | 'product' | 'order' | 'address' | 'emoji'
