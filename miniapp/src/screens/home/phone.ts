/** A number with its middle hidden: enough to recognise as one's own, too little to learn somebody else's. */
export interface MaskedPhone {
  shown: string;
  start: string;
  end: string;
}

/** Takes digits of E.164 without `+`. Numbers of Uzbekistan are grouped as people there write them. */
export function maskPhone(digits: string): MaskedPhone {
  const end = digits.slice(-2);
  if (/^998\d{9}$/.test(digits)) {
    const start = `+998 ${digits.slice(3, 5)}`;
    return { shown: `${start} ***-**-${end}`, start, end };
  }
  const start = `+${digits.slice(0, 2)}`;
  return { shown: `${start} ${"*".repeat(Math.max(digits.length - 4, 0))} ${end}`, start, end };
}
