export type { Purchased } from './deeds.js';
export { VisitorHistory } from './visitor-history.js';
export { VisitorPrivacy } from './visitor-privacy.js';
export { VisitorReceiptEntity } from './visitor-receipt.entity.js';
export { RECEIPT_KINDS, VisitorReceipts, type ReceiptKind, type VisitorReceipt } from './visitor-receipts.js';
export { VisitorsModule } from './visitors.module.js';
