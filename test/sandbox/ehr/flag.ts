import { html } from 'hono/html'
import type { Html } from '../shared/pages.ts'

/** An arrow and a word, never colour alone; drawn, because not every font has arrows. */
export const flag = (which: 'low' | 'high' | null): Html =>
  which === null
    ? html``
    : html`<span class="flag"
        ><svg viewBox="0 0 10 12" width="10" height="12" aria-hidden="true">
          <path
            d="${which === 'high' ? 'M5 11V1M1 5l4-4 4 4' : 'M5 1v10M1 7l4 4 4-4'}"
            fill="none"
            stroke="currentColor"
            stroke-width="1.8"
          /></svg
        >${which}</span
      >`
