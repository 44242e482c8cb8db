-- Walk a file of requests, one a line: method, path, token and body with tabs between them.
-- At its end begin again, and count that: a run that must not repeat anything can tell.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  path = args[1]
  same = " HTTP/1.1\r\nHost: " .. args[2] .. "\r\nX-Forwarded-Proto: https"
    .. "\r\nAuthorization: Bearer "
  lines = io.lines(path)
  walked = 0
end

-- What this takes, the server lacks, and whoever is quicker lacks more: so it looks for the tabs and
-- puts the request together by itself, without wrk.format and a pattern.
function request()
  local line = lines()
  if line == nil then
    walked = walked + 1
    lines = io.lines(path)
    line = lines()
  end
  local first = line:find("\t", 1, true)
  local second = line:find("\t", first + 1, true)
  local third = line:find("\t", second + 1, true)
  local kind = third < #line and "\r\nContent-Type: application/json" or ""
  return line:sub(1, first - 1) .. " " .. line:sub(first + 1, second - 1) .. same
    .. line:sub(second + 1, third - 1) .. kind
    .. "\r\nContent-Length: " .. #line - third .. "\r\n\r\n" .. line:sub(third + 1)
end

function done(summary, latency, requests)
  local errors = summary.errors
  local again = 0
  for _, thread in ipairs(threads) do
    again = again + thread:get("walked")
  end
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "walked": %d, '
      .. '"mean": %.1f, "median": %.1f, "p99": %.1f}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, again,
    latency.mean, latency:percentile(50), latency:percentile(99)
  ))
end
