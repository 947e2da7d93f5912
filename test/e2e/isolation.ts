import type { Page } from '@playwright/test'

interface Holdings {
  readonly cookies: readonly string[]
  readonly storage: readonly string[]
  readonly title: string
}

async function holdings(page: Page): Promise<Holdings> {
  const cookies = await page.context().cookies()
  const storage = await page.evaluate(() =>
    [localStorage, sessionStorage].flatMap((area) =>
      Array.from({ length: area.length }, (_, at) => area.getItem(area.key(at) ?? '') ?? ''),
    ),
  )
  return {
    cookies: cookies.map(({ name, value }) => `${name}=${value}`),
    storage,
    title: await page.title(),
  }
}

/**
 * What of the outsiders' pages can be found from the insiders': a cookie or stored value that is
 * the same, a shared browser context, an opener, or a title that names a person. Empty is right.
 */
export async function outsiderTraces(
  insiders: readonly Page[],
  outsiders: readonly Page[],
): Promise<readonly string[]> {
  const traces: string[] = []
  const theirs = await Promise.all(outsiders.map(holdings))
  const contexts = new Set(outsiders.map((page) => page.context()))
  if (insiders.length === 0 || outsiders.length === 0) traces.push('nothing to compare')
  for (const page of insiders) {
    if (contexts.has(page.context())) traces.push(`${page.url()} shares a partition`)
    if (await page.opener()) traces.push(`${page.url()} has an opener`)
    const own = await holdings(page)
    for (const other of theirs) {
      traces.push(...own.cookies.filter((cookie) => other.cookies.includes(cookie)))
      traces.push(...own.storage.filter((value) => other.storage.includes(value)))
      if (/Underwood|Okafor|SAMPLE|TESTCASE/i.test(other.title)) traces.push(`title ${other.title}`)
    }
  }
  return traces
}
