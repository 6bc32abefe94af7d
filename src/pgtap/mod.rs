//! What pgTAP is: the catalogue of its functions, overload choice, labels, extraction, plans.
