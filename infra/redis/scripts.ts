// What is done in Redis in one step. A model is one hash, so that its place and its states are there together or not at
// all, also where a Redis drops keys for want of room. Its place is in fields that begin with "@", streams set aside in
// fields that begin with "!", states in fields that begin with "=".

/** The fields of a place, in the order in which they are read. */
export const PLACE_FIELDS = ['@version', '@owner', '@epoch', '@beat', '@position', '@fingerprint'] as const;
export const STATE = '=';
export const STRANGER = '!';

const NEXT_EPOCH = `
local function next(epoch) return string.format('%.0f', tonumber(epoch) + 1) end
local function begin(key, version, epoch, owner)
  redis.call('UNLINK', key)
  redis.call('HSET', key, '@version', version, '@owner', owner, '@epoch', epoch, '@beat', '0', '@position', '0',
    '@fingerprint', '')
end`;

/** ARGV: version, first epoch. Gives the version that was found; nothing if there was none. */
export const PREPARE = `${NEXT_EPOCH}
local found = redis.call('HMGET', KEYS[1], '@version', '@epoch')
if not found[1] then begin(KEYS[1], ARGV[1], ARGV[2], '')
elseif tonumber(found[1]) < tonumber(ARGV[1]) then begin(KEYS[1], ARGV[1], next(found[2] or ARGV[2]), '') end
return found[1]`;

/** ARGV: version, owner, epoch, beat and position that were seen, new owner. Gives 1, or 0 where it is not as it was seen. */
export const TAKE = `${NEXT_EPOCH}
local found = redis.call('HMGET', KEYS[1], '@version', '@owner', '@epoch', '@beat', '@position')
for field = 1, 5 do if found[field] ~= ARGV[field] then return 0 end end
redis.call('HSET', KEYS[1], '@owner', ARGV[6], '@epoch', next(ARGV[3]))
return 1`;

/** ARGV: owner, epoch. */
export const FREE = `
local found = redis.call('HMGET', KEYS[1], '@owner', '@epoch')
if found[1] == ARGV[1] and found[2] == ARGV[2] then redis.call('HSET', KEYS[1], '@owner', '') end
return 1`;

const FENCED = `
local found = redis.call('HMGET', KEYS[1], '@version', '@owner', '@epoch', '@position')
for field = 1, 4 do if found[field] ~= ARGV[field] then return 0 end end`;

/**
 * ARGV: version, owner, epoch and position of the fence; position and fingerprint to move to; then fields with their
 * values, an empty one for a field that is to go. Gives 1, or 0 where it was fenced.
 */
export const MOVE = `${FENCED}
redis.call('HSET', KEYS[1], '@position', ARGV[5], '@fingerprint', ARGV[6])
redis.call('HINCRBY', KEYS[1], '@beat', 1)
local last = #ARGV
local from = 7
while from < last do
  local set, gone = {}, {}
  local to = math.min(from + 999, last)
  for at = from, to, 2 do
    if ARGV[at + 1] == '' then gone[#gone + 1] = ARGV[at]
    else set[#set + 1] = ARGV[at]; set[#set + 1] = ARGV[at + 1] end
    if string.sub(ARGV[at], 1, 1) == '!' then redis.call('HSET', KEYS[1], '@hasStrangers', '1') end
  end
  if #set > 0 then redis.call('HSET', KEYS[1], unpack(set)) end
  if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end
  from = to + 1
end
return 1`;

/** ARGV: as in the fence of MOVE. The ownership stays. */
export const DROP = `${NEXT_EPOCH}${FENCED}
begin(KEYS[1], ARGV[1], ARGV[3], ARGV[2])
return 1`;

/** Names and values of the fields of streams set aside. Nearly always there are none. */
export const STRANGERS = `
local found = {}
if redis.call('HEXISTS', KEYS[1], '@hasStrangers') == 0 then return found end
local cursor = '0'
repeat
  local page = redis.call('HSCAN', KEYS[1], cursor, 'MATCH', '!*', 'COUNT', 1000)
  cursor = page[1]
  for _, text in ipairs(page[2]) do found[#found + 1] = text end
until cursor == '0'
return found`;

/** ARGV: a cursor, '0' at first. Gives the next cursor, '0' at last, and then a page of the fields of states. */
export const NAMES = `
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'MATCH', '=*', 'COUNT', 500)
local found = { page[1] }
for at = 1, #page[2], 2 do found[#found + 1] = page[2][at] end
return found`;
