import { useEffect, useState } from 'react'
import { useShell } from './environment.tsx'

/**
 * The time, renewed at each full `period` of the clock (milliseconds; 1000 for a countdown, 60000
 * for a clock without seconds), so that nothing wakes up in between.
 */
export function useNow(period: 1000 | 60_000): number {
  const { clock } = useShell()
  const [now, setNow] = useState(clock)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const renew = () => {
      setNow(clock())
      arm()
    }
    // A few milliseconds late rather than early, or the same second would be shown twice.
    const arm = () => {
      timer = setTimeout(renew, period - (clock() % period) + 5)
    }
    arm()
    return () => clearTimeout(timer)
  }, [clock, period])
  return now
}
