// Segment's TikTok action: purchases on stdin, one a line -> events per processor second on stdout.
// Timed is what it does for an event: JSON.parse, its mapping, its schema, its formatter, JSON.stringify.
// Its HTTP client is replaced by one that only encodes the body.
'use strict'

const path = require('path')
const modules = path.resolve(process.argv[2])
const { Destination, defaultValues } = require(path.join(modules, '@segment/actions-core'))
const tiktok = require(path.join(modules, '@segment/action-destinations/dist/destinations/tiktok-conversions'))

function itsShape(ours) {
  const user = ours.user
  return {
    type: 'track',
    event: 'Order Completed',
    messageId: ours.event_id,
    timestamp: new Date(ours.event_time * 1000).toISOString(),
    context: {
      ip: user.ip,
      userAgent: user.user_agent,
      page: { url: ours.page.url },
      traits: {
        email: user.email,
        phone: user.phone,
        first_name: user.first_name,
        last_name: user.last_name,
        address: { city: user.city, state: user.state, country: user.country, postal_code: user.zip }
      }
    },
    properties: {
      ttclid: user.ids.ttclid,
      ttp: user.ids.ttp,
      order_id: ours.order_id,
      value: ours.value,
      currency: ours.currency,
      products: ours.items.map((item) => ({
        product_id: item.item_id,
        name: item.item_name,
        brand: item.item_brand,
        category: item.item_category,
        price: item.price,
        quantity: item.quantity
      }))
    }
  }
}

async function main() {
  const input = require('fs').readFileSync(0, 'utf8').split('\n')
  const lines = input.map((line) => JSON.stringify(itsShape(JSON.parse(line))))
  const destination = new Destination(tiktok.default)
  const action = destination.actions.reportWebEvent
  let bytes = 0
  action.createRequestClient = () => async (_, options) => {
    bytes += JSON.stringify(options.json).length
    return { data: {} }
  }
  const mapping = tiktok.default.presets.find((p) => p.name === 'Complete Payment').mapping
  const settings = { accessToken: 'test_token', pixelCode: 'CD9079RC77U0N3GBV16Y' }
  const run = async (some) => {
    for (const line of some) {
      await destination.executeAction('reportWebEvent', { event: JSON.parse(line), mapping, settings })
    }
  }
  await run(lines) // its compiler is given one whole pass to warm up
  bytes = 0
  const before = process.cpuUsage()
  await run(lines)
  const used = process.cpuUsage(before)
  if (bytes < 500 * lines.length) throw new Error(`only ${bytes} bytes came out`)
  console.log(lines.length / ((used.user + used.system) / 1e6))
}

main()
