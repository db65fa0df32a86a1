-- Sends the requests of a file in turn, each with a token nobody has seen.
-- wrk ... -s wrk.lua URL -- FILE PREFIX OFFSET
local heads, tails, count = {}, {}, 0
local sent, prefix = 0, ""

function init(args)
  local file = assert(io.open(args[1], "rb"))
  prefix, sent = args[2], tonumber(args[3])
  while true do
    local head = file:read("*l")
    if not head then break end
    count = count + 1
    heads[count] = file:read(tonumber(head))
    tails[count] = file:read(tonumber(file:read("*l")))
  end
  file:close()
end

function request()
  sent = sent + 1
  local at = sent % count + 1
  return heads[at] .. string.format("%s-%019d", prefix, sent) .. tails[at]
end

function done(summary, latency)
  local wrong = summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.status + summary.errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, wrong,
    latency:percentile(50), latency:percentile(99)))
end
