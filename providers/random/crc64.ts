const polynomial = 0xd800000000000000n;
const allOnes = 0xffffffffffffffffn;

/** CRC-64 with the polynomial of ISO 3309, reflected, as Go's `hash/crc64` computes it. */
export function crc64(bytes: Uint8Array): bigint {
  let crc = allOnes;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
  }
  return crc ^ allOnes;
}
