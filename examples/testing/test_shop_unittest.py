"""With unittest: the context manager, and nothing but the standard library."""

import unittest

from shop import order, save

from pannier.testing import ManualClock, Pannier


class SavingOrders(unittest.TestCase):
    def setUp(self):
        self.pannier = self.enterContext(Pannier(clock=ManualClock(), seed=1))
        self.orders = self.pannier.table("orders")

    def test_leftovers_are_sent_again(self):
        with self.pannier.faults({"operations": "BatchWriteItem", "leave": 0.4}) as injected:
            save(
                (order(n) for n in range(60)),
                client=self.pannier.client(),
                sleep=self.pannier.sleep,
            )
        self.assertGreater(injected.items, 0)
        self.assertEqual(len(self.orders), 60)

    def test_code_that_makes_its_own_client(self):
        with self.pannier.patch():
            save([order(1)])
        self.assertEqual(len(self.orders), 1)


if __name__ == "__main__":
    unittest.main()
