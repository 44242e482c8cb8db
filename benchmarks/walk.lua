-- Walk a file of requests, one a line: method, path, token and body with tabs between them.
-- At its end begin again, and count that: a run that must not repeat anything can tell.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  path = args[1]
  host = args[2]
  lines = io.lines(path)
  walked = 0
end

function request()
  local line = lines()
  if line == nil then
    walked = walked + 1
    lines = io.lines(path)
    line = lines()
  end
  local method, target, token, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
  local headers = {
    ["Host"] = host,
    ["X-Forwarded-Proto"] = "https",
    ["Authorization"] = "Bearer " .. token,
  }
  if body ~= "" then
    headers["Content-Type"] = "application/json"
  end
  return wrk.format(method, target, headers, body)
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
