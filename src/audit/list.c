/*
 * Reading the trail: an ordinary list of a table, under a path of its own.
 */
#include <cabinet/audit.h>
#include <cabinet/resource.h>

int cab_audit_list(struct cab_call *call, struct cab_err *err) {
    const struct cab_table *table = cab_catalog_find(call->catalog, "audit_logs");
    CAB_BUG_ON(table == NULL); /* the catalog was checked when it was loaded */
    return cab_resource_list_table(call, table, err);
}
