/*
 * What the files of net share among themselves.
 */
#ifndef CABINET_NET_INTERNAL_H
#define CABINET_NET_INTERNAL_H

#include <cabinet/net.h>
#include <curl/curl.h>

/* The handle, emptied of what the last request set, with what every request has; connections are kept. */
CURL *cab_net_handle(struct cab_net *net, const char *url, const char *schemes, const char *ca_file, int timeout_s);
/* What went wrong, for the log. */
const char *cab_net_said(const struct cab_net *net, CURLcode code);

#endif
