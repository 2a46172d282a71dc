// The same by @rudderstack/rudder-sdk-node, which compresses by itself: rudder_node.cjs HOST KEY
const Analytics = require('@rudderstack/rudder-sdk-node')

const [host, writeKey] = process.argv.slice(2)
const failed = []
const options = { dataPlaneUrl: host, flushAt: 4, flushInterval: 200, retryCount: 5, logLevel: 'error' }
const analytics = new Analytics(writeKey, { ...options, errorHandler: (error) => failed.push(error) })

const who = { userId: 'C-17', anonymousId: '0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b' }
const context = {
  ip: '203.0.113.24',
  userAgent: 'Mozilla/5.0 (X11) Firefox/1',
  page: { url: 'https://shop.example/?ttclid=E.C.P.click' },
  traits: { email: 'Jane@Example.com', phone: '(202) 555-0143' },
}
const mug = { product_id: '7200001', name: 'Mug', price: 24, quantity: 2 }
const sale = { order_id: '1001', total: 96.6, revenue: 84, currency: 'USD', products: [mug] }

async function main() {
  analytics.identify({ ...who, context, traits: context.traits, messageId: 'rn-1' })
  analytics.page({ ...who, context, name: 'Home', messageId: 'rn-2' })
  analytics.track({ ...who, context, event: 'Product Added', properties: { ...mug, currency: 'USD' }, messageId: 'rn-3' })
  analytics.track({ ...who, context, event: 'Order Completed', properties: sale, messageId: 'rn-4' })
  await analytics.flush()
  process.exit(failed.length ? 1 : 0)
}

main()
