import type { OwnCase } from './own-case.ts';

const javaMavenFiles = {
  'checkout/src/main/java/com/acme/checkout/Checkout.java': `package com.acme.checkout;

import com.acme.pricing.Discounts;

public class Checkout {
    private final Discounts discounts = new Discounts();

    public long total(long cents, String code) {
        int percent = code == null ? 0 : discounts.percentOf(code);
        return cents - cents * percent / 100;
    }

    public static void main(String[] args) {
        new Checkout().total(1000, "SPRING");
    }
}
`,
  'checkout/src/main/java/com/acme/pricing/Discounts.java': `package com.acme.pricing;

import java.util.HashMap;
import java.util.Map;

public final class Discounts {
    private final Map<String, Integer> percents = new HashMap<>();

    public Discounts() {
        percents.put("WINTER", 10);
    }

    public int percentOf(String code) {
        return percents.get(code);
    }
}
`,
};

/** Failures in Java. */
export const javaCases: readonly OwnCase[] = [
  {
    id: 'java-maven',
    layout: 'a Maven module',
    language: 'java',
    kind: 'fix-in-stack',
    recorded: true,
    files: javaMavenFiles,
    errorLog: {
      name: 'java.lang.NullPointerException',
      message:
        'Cannot invoke "java.lang.Integer.intValue()" because the return value of "java.util.Map.get(Object)" is null',
      stackTrace: `java.lang.NullPointerException: Cannot invoke "java.lang.Integer.intValue()" because the return value of "java.util.Map.get(Object)" is null
	at com.acme.pricing.Discounts.percentOf(Discounts.java:14)
	at com.acme.checkout.Checkout.total(Checkout.java:9)
	at com.acme.checkout.Checkout.main(Checkout.java:14)`,
    },
    fixed: [
      {
        path: 'checkout/src/main/java/com/acme/pricing/Discounts.java',
        ranges: [[14, 14]],
        functions: [{ range: [13, 15], name: 'percentOf' }],
      },
    ],
  },
];
