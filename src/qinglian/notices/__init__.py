"""Who is told what by mail: new red leads, failed quality gates, the weekly brief."""
