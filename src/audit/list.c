/*
 * Reading the trail: an ordinary list of a table, under a path of its own.
 */
#include <cabinet/audit.h>
#include <cabinet/resource.h>

int cab_audit_list(struct cab_call *call, struct cab_err *err) {
    call->table = cab_catalog_find(call->catalog, "audit_logs");
    if (call->table == NULL)
        return cab_fail(err, CAB_PROBLEM_NOT_FOUND, "The audit trail is not served.");
    return cab_resource_list(call, err);
}
