"""Who a supplier is: names and keys compared, records of one company joined, affiliates grouped."""
