import type { OwnCase } from './own-case.ts';

const rubyAppFiles = {
  Gemfile: `source 'https://rubygems.org'

gem 'sinatra'
`,
  'app/models/basket.rb': `class Basket
  attr_reader :items

  def initialize(items)
    @items = items
  end

  def total
    items.sum { |item| item[:price] * item[:count] }
  end
end
`,
  'app/services/checkout.rb': `require_relative '../models/basket'

class Checkout
  def self.call(params)
    basket = Basket.new(params[:items].map { |item| line_of(item) })
    basket.total
  end

  def self.line_of(item)
    { price: item['price'], count: item['count'] }
  end
end
`,
};

const phpPsr4Files = {
  'composer.json': `{"autoload": {"psr-4": {"Acme\\\\": "src/"}}}
`,
  'public/index.php': `<?php

require __DIR__ . '/../vendor/autoload.php';

echo (new Acme\\Mailer\\Newsletter())->send(['name' => 'Ada']);
`,
  'src/Mailer/Newsletter.php': `<?php

namespace Acme\\Mailer;

final class Newsletter
{
    public function send(array $reader): string
    {
        return $this->deliver($reader['email'], 'Hello ' . $reader['name']);
    }

    private function deliver(string $to, string $text): string
    {
        return sprintf('%s: %s', $to, $text);
    }
}
`,
};

/** Failures in Ruby and PHP. */
export const scriptedCases: readonly OwnCase[] = [
  {
    id: 'ruby-app',
    layout: 'a Ruby application with Capistrano releases',
    language: 'ruby',
    kind: 'fix-in-stack',
    recorded: false,
    files: rubyAppFiles,
    errorLog: {
      name: 'NoMethodError',
      message: "undefined method `*' for nil:NilClass",
      stackTrace: `NoMethodError: undefined method \`*' for nil:NilClass
/srv/basket/releases/20260412091530/app/models/basket.rb:9:in \`block in total'
/srv/basket/releases/20260412091530/app/models/basket.rb:9:in \`sum'
/srv/basket/releases/20260412091530/app/models/basket.rb:9:in \`total'
/srv/basket/releases/20260412091530/app/services/checkout.rb:6:in \`call'`,
    },
    fixed: [
      { path: 'app/models/basket.rb', ranges: [[9, 9]], functions: [{ range: [8, 10], name: 'total' }] },
    ],
  },
  {
    id: 'ruby-callee',
    layout: 'the same, mended where the line is read',
    language: 'ruby',
    kind: 'fix-not-in-stack',
    recorded: false,
    files: rubyAppFiles,
    errorLog: {
      name: 'NoMethodError',
      message: "undefined method `*' for nil:NilClass",
      stackTrace: `NoMethodError: undefined method \`*' for nil:NilClass
/app/app/models/basket.rb:9:in \`block in total'
/app/app/models/basket.rb:9:in \`sum'
/app/app/models/basket.rb:9:in \`total'
/app/app/services/checkout.rb:6:in \`call'`,
    },
    fixed: [
      {
        path: 'app/services/checkout.rb',
        ranges: [[10, 10]],
        functions: [{ range: [9, 11], name: 'line_of' }],
      },
    ],
  },
  {
    id: 'php-psr4',
    layout: 'a PHP application with PSR-4 folders',
    language: 'php',
    kind: 'fix-in-stack',
    recorded: false,
    files: phpPsr4Files,
    errorLog: {
      name: 'TypeError',
      message: 'Acme\\Mailer\\Newsletter::deliver(): Argument #1 ($to) must be of type string, null given',
      stackTrace: `PHP Fatal error:  Uncaught TypeError: Acme\\Mailer\\Newsletter::deliver(): Argument #1 ($to) must be of type string, null given, called in /var/www/html/src/Mailer/Newsletter.php on line 9 and defined in /var/www/html/src/Mailer/Newsletter.php:12
Stack trace:
#0 /var/www/html/src/Mailer/Newsletter.php(9): Acme\\Mailer\\Newsletter->deliver(NULL, 'Hello Ada')
#1 /var/www/html/public/index.php(5): Acme\\Mailer\\Newsletter->send(Array)
#2 {main}
  thrown in /var/www/html/src/Mailer/Newsletter.php on line 12`,
    },
    fixed: [
      { path: 'src/Mailer/Newsletter.php', ranges: [[9, 9]], functions: [{ range: [7, 10], name: 'send' }] },
    ],
  },
];
