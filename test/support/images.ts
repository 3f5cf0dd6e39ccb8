/** Makes images for tests. */
import sharp from 'sharp';

/** 160 × 120 pixels; made with heif-enc 1.15 and x265. */
const HEIC_BASE64 = [
  'AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA',
  'AA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFmAAEAAAAAAAADOwAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEA',
  'AGh2YzEAAAAAwmlwcnAAAACkaXBjbwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMA',
  'AAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoBQgeWW6kkprm4EBAwIAAAMAAgAAAwACECIAAQAHRAHBcrBiQAAAABRpc3Bl',
  'AAAAAAAAAKAAAAB4AAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAoMAAANDbWRhdAAAAzcoAa8TQnMw5xbg64VJ',
  'csTKTXStWKuuj2oMhrg4bWvl2OwO5lbaeOEpEhiUJk8VQVb+ETzqzOqXyqfxfX/aF7u4zZB2xclkZJiH/Cl/IQl8NBGsQqLIFi1l',
  'QL1azcIPnieACmoB+OPUnnF2TBESymxwOzNKMi0Vd64J3/AttUsg8w7ahkfU9QYXAVXkyezH40TmFDrfOBj3CgItbmcgL1Rd0hAI',
  '5QsKCVivkGKf/QIQtgiW9vFqK2lthKZ/dhha3jNLttZW7OC+7DMGVexIIpGbnHKGpUMyXHLDQNB7z22WImrpL9DC8YBafdECFDeB',
  'VZzfTmW4ct1uxFMKKX0hsEwmouzEW/Lzg2P+p7Q9EZfIglwFwcEAGWQ07NiSwuuGxNvjV8C0LNLvp4x1xuoyqIvEp9Io9jVCvsGm',
  'BKVh0ZslogE6KYOS1fabJDdx9u5ddE8I+tGGT2CGQrCvXR0khY8eklRQEC0FUMaF6/HYWRI6TQB8lCnizOA//+sAmc06BArmC61N',
  '5nZ0tyI39ZuuuJUdmZmDm+6Ndpfj8F7Y8QGqh3C135OfM7U5wIqm2iUMj2dKjDAtkmCpQh8SuQzeOG5gMkP8N+cJiREOd/qfQkH0',
  'dafXJP2Peyy4JIVCZjPCNl5ye8QiYWRpQZfxeqS4Mv3S6006XpMF6uQX1Rb/OeQx1ujSp8u9EMGgA2b+LtpCBh5IzgyE4aVjdRfU',
  '4tVlDUORZ8J28xAoPThc5rW7fGRTvl6v1no1nSawnoCykT7ezG/iIEasqerJc+zGkNylCvKUAeZQod7LikyvlyfO+dJxnib2w+Yz',
  'WfG0i2fShIzFAfXq+FVkHg1mwDbtBDXaNGE8+nYInf5GZ0LCr9LdE4ETGeKTD9giDY3CcOLrKKTidz4cWOsbvlB5WZh8lKa1CzFR',
  'PUn97/aIX+wofXY2X+bANV8oj0T9hcZmfamsLE/ZZXlEjYKeu2cDL4tX0YlO+Nu9O2fVkk2aP6jahiOm2QCGPOs2eR/5z3Bz27IV',
  'j/m0T/Q2dmw0eK1kbcsvFYv2lyXiK8KlLNeeFqd1HZmjDp6Hm7q9DWaX0+zPNflpWcMotTkysK6I6+ng',
];

export const HEIC = Buffer.from(HEIC_BASE64.join(''), 'base64');

/** An image whose left half is red and whose right half is blue. */
export function twoColours(width: number, height: number) {
  const pixels = Buffer.alloc(width * height * 3);
  for (let index = 0; index < width * height; index += 1) {
    pixels[index * 3 + (index % width < width / 2 ? 0 : 2)] = 255;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** An incompressible PNG, so that its file has several chunks in the database. */
export function noisyPng(width: number, height: number): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  let state = 1;
  for (let index = 0; index < pixels.length; index += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    pixels[index] = state >> 16;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
