/** A service of one package, in the languages that Node runs. */
export const service: readonly string[] = [
  'package.json',
  'server.js',
  'lib/router/index.js',
  'lib/router/layer.js',
  'lib/db/client.js',
  'lib/db/migrations/index.js',
  'lib/cart.js',
  'lib/orders/refunds.js',
  'test/cart.test.js',
  'test/router/index.js',
];
/** The same in TypeScript, with modules. */
export const typescript: readonly string[] = [
  'package.json',
  'src/index.ts',
  'src/app.ts',
  'src/config/index.ts',
  'src/modules/users/users.service.ts',
  'src/modules/users/users.controller.ts',
  'src/modules/users/index.ts',
  'src/modules/orders/orders.service.ts',
  'src/modules/orders/orders.controller.ts',
  'src/modules/orders/index.ts',
  'src/lib/money.ts',
  'test/money.spec.ts',
];
/** Packages and applications of one workspace. */
export const monorepo: readonly string[] = [
  'apps/api/src/main.ts',
  'apps/api/src/routes/orders.ts',
  'apps/worker/src/main.ts',
  'apps/worker/src/jobs/mail.ts',
  'packages/pricing/src/index.ts',
  'packages/pricing/src/cost.ts',
  'packages/shipping/src/index.ts',
  'packages/shipping/src/cost.ts',
  'packages/shipping/src/zones/index.ts',
];
/** A Next.js application. */
export const next: readonly string[] = [
  'app/layout.tsx',
  'app/page.tsx',
  'app/orders/page.tsx',
  'app/orders/[id]/page.tsx',
  'app/api/orders/route.ts',
  'components/cart/Cart.tsx',
  'lib/orders.ts',
];
/** A package of Python with a src layout. */
export const python: readonly string[] = [
  'pyproject.toml',
  'src/acme_shop/__init__.py',
  'src/acme_shop/views.py',
  'src/acme_shop/billing/__init__.py',
  'src/acme_shop/billing/models.py',
  'src/acme_shop/billing/tasks.py',
  'src/acme_shop/catalog/__init__.py',
  'src/acme_shop/catalog/models.py',
  'src/acme_shop/catalog/search.py',
  'tests/billing/test_models.py',
];
/** A Django project. */
export const django: readonly string[] = [
  'manage.py',
  'shop/settings.py',
  'shop/urls.py',
  'orders/models.py',
  'orders/views.py',
  'orders/admin.py',
  'users/models.py',
  'users/views.py',
  'users/admin.py',
];
/** Modules of Maven, in Java and Kotlin. */
export const java: readonly string[] = [
  'pom.xml',
  'core/src/main/java/com/acme/core/Money.java',
  'core/src/main/java/com/acme/core/util/Strings.java',
  'web/src/main/java/com/acme/web/OrderController.java',
  'web/src/main/java/com/acme/web/util/Strings.java',
  'web/src/main/java/com/acme/web/Application.java',
  'worker/src/main/java/com/acme/worker/Application.java',
  'worker/src/main/kotlin/com/acme/worker/Mailer.kt',
  'core/src/test/java/com/acme/core/MoneyTest.java',
];
/** A module of Go. */
export const go: readonly string[] = [
  'go.mod',
  'cmd/server/main.go',
  'cmd/migrate/main.go',
  'internal/accounts/book.go',
  'internal/accounts/store.go',
  'internal/orders/store.go',
  'internal/orders/handler.go',
  'pkg/money/money.go',
];
/** A Rails application. */
export const ruby: readonly string[] = [
  'Gemfile',
  'app/models/order.rb',
  'app/models/user.rb',
  'app/controllers/orders_controller.rb',
  'lib/tax/rates.rb',
];
/** A Symfony application. */
export const php: readonly string[] = [
  'composer.json',
  'public/index.php',
  'src/Controller/OrderController.php',
  'src/Entity/Order.php',
  'src/Repository/OrderRepository.php',
];
/** A solution of .NET. */
export const csharp: readonly string[] = [
  'Shop.sln',
  'src/Shop.Api/Program.cs',
  'src/Shop.Worker/Program.cs',
  'src/Shop.Api/Controllers/OrdersController.cs',
  'src/Shop.Core/Orders/OrderService.cs',
];
