/*
 * Schemas of the OpenAPI document that no table brings: bodies and answers that routes name.  Their names begin with a
 * capital, so that none is a table's.
 */
#include "resource/openapi_fixed.h"

#include <stdio.h>
#include <string.h>

/* PostgreSQL keeps no NUL in a text. */
#define STRING "\"type\":\"string\",\"pattern\":\"^[^\\\\u0000]*$\""
#define COUNT "\"format\":\"int64\",\"minimum\":0,\"maximum\":9007199254740991"

void cab_openapi_put_text(struct cab_json_writer *w, const char *key, const char *json, const struct cab_conf *conf,
                          enum cab_openapi_version version) {
    static const char letters[] = "SNTUCI", numbers[] = "MDW";
    static const char *const words[][2] = {
        { STRING, STRING },
        { STRING ",\"nullable\":true", "\"type\":[\"string\",\"null\"],\"pattern\":\"^[^\\\\u0000]*$\"" },
        { "\"type\":\"string\",\"format\":\"date-time\",\"maxLength\":40",
          "\"type\":\"string\",\"format\":\"date-time\",\"maxLength\":40" },
        { "\"type\":\"string\",\"nullable\":true,\"format\":\"date-time\",\"maxLength\":40",
          "\"type\":[\"string\",\"null\"],\"format\":\"date-time\",\"maxLength\":40" },
        { "\"type\":\"integer\"," COUNT, "\"type\":\"integer\"," COUNT },
        { "\"type\":\"integer\",\"nullable\":true," COUNT, "\"type\":[\"integer\",\"null\"]," COUNT },
    };
    const int64_t values[] = { conf->page_size_max, conf->page_size_default, conf->password_min_length };
    struct cab_buf buf;
    cab_buf_init(&buf, NULL, strlen(json) + 512);
    for (const char *c = json; *c != '\0'; c++) {
        const char *word = c[0] == '%' && c[1] != '\0' ? strchr(letters, c[1]) : NULL;
        const char *number = c[0] == '%' && c[1] != '\0' ? strchr(numbers, c[1]) : NULL;
        if (word != NULL)
            cab_buf_adds(&buf, words[word - letters][version == CAB_OPENAPI_31]);
        else if (number != NULL)
            cab_buf_addf(&buf, "%lld", (long long)values[number - numbers]);
        else
            cab_buf_addc(&buf, *c == '\'' ? '"' : *c);
        c += word != NULL || number != NULL;
    }
    cab_json_put_raw(w, key, buf.data);
    cab_mem_free(buf.data);
}

bool cab_openapi_is_used(const struct cab_json_writer *w, const char *kind, const char *name) {
    char ref[256];
    snprintf(ref, sizeof ref, "\"#/components/%s/%s\"", kind, name);
    return strstr(w->buf->data, ref) != NULL;
}

#define EMAIL "'type':'string','format':'email','maxLength':254"
#define SECRET "'type':'string','format':'password','maxLength':1024"
#define NEW_SECRET SECRET ",'minLength':%W"
#define MAILED "%S,'description':'From a mail; good for one use.','maxLength':128"

/* A schema may refer to those below it. */
static const struct cab_openapi_text schemas[] = {
    { "Register",
      "{'type':'object','additionalProperties':false,'required':['email','username','password'],"
      "'properties':{'email':{" EMAIL "},'username':{%S,'minLength':3,'maxLength':50},"
      "'password':{" NEW_SECRET "},"
      "'invitation':{%S,'description':'From the mail that invites, where one is needed.','maxLength':128}},"
      "'example':{'email':'ada@example.com','username':'ada','password':'correct horse battery staple'}}" },
    { "NewAccount",
      "{'type':'object','required':['email','username','password'],"
      "'properties':{'email':{" EMAIL "},'username':{%S,'minLength':3,'maxLength':50},"
      "'password':{" NEW_SECRET "},'is_verified':{'type':'boolean'},'is_superuser':{'type':'boolean'}},"
      "'example':{'email':'ada@example.com','username':'ada','password':'correct horse battery staple'}}" },
    { "Login",
      "{'type':'object','required':['username','password'],"
      "'properties':{'username':{%S,'description':'E-mail address or username.','maxLength':254},"
      "'password':{" SECRET "},"
      "'totp':{%S,'description':'Code of the second factor, where the account has one, or a recovery code.',"
      "'maxLength':64}},"
      "'example':{'username':'ada@example.com','password':'correct horse battery staple'}}" },
    { "Refresh",
      "{'type':'object','additionalProperties':false,'description':'Empty where the cookie carries the token.',"
      "'properties':{'refresh_token':{%S,'maxLength':256}},'example':{}}" },
    { "Tokens",
      "{'type':'object','required':['access_token','token_type','expires_in'],"
      "'properties':{'access_token':{%S,'maxLength':4096},'token_type':{'type':'string','enum':['bearer']},"
      "'expires_in':{'type':'integer','format':'int32','minimum':1,'maximum':86400},"
      "'refresh_token':{%S,'maxLength':256,'description':'Not for browsers, which have it as a cookie.'},"
      "'deletion_scheduled_for':{%T}},"
      "'example':{'access_token':'eyJ…','token_type':'bearer','expires_in':900,'refresh_token':'P7o…'}}" },
    { "ChangePassword",
      "{'type':'object','additionalProperties':false,'required':['current_password','new_password'],"
      "'properties':{'current_password':{" SECRET "},'new_password':{" NEW_SECRET "}},"
      "'example':{'current_password':'correct horse battery staple','new_password':'four other words together'}}" },
    { "ResetPassword",
      "{'type':'object','additionalProperties':false,'required':['token','new_password'],"
      "'properties':{'token':{" MAILED "},'new_password':{" NEW_SECRET "}},"
      "'example':{'token':'q8cX…','new_password':'four other words together'}}" },
    { "SessionsEnded",
      "{'type':'object','required':['sessions_ended'],'properties':{'sessions_ended':{%C}},"
      "'example':{'sessions_ended':1}}" },
    { "Token",
      "{'type':'object','additionalProperties':false,'required':['token'],'properties':{'token':{" MAILED "}},"
      "'example':{'token':'q8cX…'}}" },
    { "Email",
      "{'type':'object','additionalProperties':false,'required':['email'],'properties':{'email':{" EMAIL "}},"
      "'example':{'email':'ada@example.com'}}" },
    { "ChangeEmail",
      "{'type':'object','additionalProperties':false,'required':['new_email','password'],"
      "'properties':{'new_email':{" EMAIL "},'password':{" SECRET "}},"
      "'example':{'new_email':'ada@example.net','password':'correct horse battery staple'}}" },
    { "Detail",
      "{'type':'object','required':['detail'],'properties':{'detail':{%S,'maxLength':1024}},"
      "'example':{'detail':'The address is confirmed.'}}" },
    { "Deletion",
      "{'type':'object','required':['deletion_scheduled_for'],'properties':{'deletion_scheduled_for':{%U}},"
      "'example':{'deletion_scheduled_for':'2026-01-08T12:00:00Z'}}" },
    { "DeletionStatus",
      "{'type':'object','required':['status'],"
      "'properties':{'status':{'type':'string','enum':['none','requested','scheduled']},"
      "'deletion_scheduled_for':{%U},'confirm_until':{%U}},"
      "'example':{'status':'none','deletion_scheduled_for':null,'confirm_until':null}}" },
    { "Sessions",
      "{'type':'object','required':['items'],'properties':{'items':{'type':'array','maxItems':1000,'items':{"
      "'type':'object','required':['id','current','date_created'],"
      "'properties':{'id':{'type':'string','format':'uuid','maxLength':36},'current':{'type':'boolean'},"
      "'date_created':{%T},'last_used':{%U},'expires':{%T},'ip':{%N,'maxLength':64},"
      "'user_agent':{%N,'maxLength':512}}}}},'example':{'items':[]}}" },
    { "NewApiKey",
      "{'type':'object','additionalProperties':false,'required':['name','password','scopes'],"
      "'properties':{'name':{%S,'minLength':1,'maxLength':100},'password':{" SECRET "},"
      "'scopes':{'type':'array','minItems':1,'maxItems':32,"
      "'description':'read, write, admin, TABLE:read, TABLE:write; write includes read.',"
      "'items':{%S,'maxLength':80}},"
      "'expires_in_days':{'type':'integer','format':'int32','minimum':1,'maximum':3650}},"
      "'example':{'name':'nightly export','password':'correct horse battery staple','scopes':['users:read'],"
      "'expires_in_days':90}}" },
    { "RotateApiKey",
      "{'type':'object','additionalProperties':false,'required':['password'],"
      "'properties':{'password':{" SECRET "},'overlap':{'type':'integer','format':'int32','minimum':0,"
      "'maximum':604800,'description':'Seconds that the old key stays good.'}},"
      "'example':{'password':'correct horse battery staple','overlap':3600}}" },
    { "ApiKeys",
      "{'type':'object','required':['items'],'properties':{'items':{'type':'array','maxItems':10000,"
      "'items':{'$ref':'#/components/schemas/ApiKey'}}},'example':{'items':[]}}" },
    { "ApiKey",
      "{'type':'object','required':['id','name','prefix','scopes','date_created','expires'],"
      "'properties':{'id':{%C},'name':{%S,'maxLength':100},'prefix':{%S,'maxLength':12},"
      "'scopes':{'type':'array','maxItems':32,'items':{%S,'maxLength':80}},'date_created':{%T},'expires':{%T},"
      "'last_used':{%U},'date_rotated':{%U},"
      "'key':{%S,'description':'Only where the key was made just now.','maxLength':64}},"
      "'example':{'id':7,'name':'nightly export','prefix':'cbk_Jq3xVw9Z','scopes':['users:read'],"
      "'date_created':'2026-01-01T12:00:00Z','expires':'2026-04-01T12:00:00Z','key':'cbk_Jq3xVw9Z…'}}" },
    { "Password",
      "{'type':'object','additionalProperties':false,'required':['password'],'properties':{'password':{" SECRET "}},"
      "'example':{'password':'correct horse battery staple'}}" },
    { "Code",
      "{'type':'object','additionalProperties':false,'required':['code'],"
      "'properties':{'code':{%S,'maxLength':16}},'example':{'code':'492039'}}" },
    { "Totp",
      "{'type':'object','required':['enabled','recovery_codes_left'],"
      "'properties':{'enabled':{'type':'boolean'},'recovery_codes_left':{%C}},"
      "'example':{'enabled':true,'recovery_codes_left':10}}" },
    { "TotpSecret",
      "{'type':'object','required':['secret','uri'],"
      "'properties':{'secret':{%S,'description':'Base32.','maxLength':32},"
      "'uri':{%S,'description':'The same for a QR code.','maxLength':1024}},"
      "'example':{'secret':'JBSW…','uri':'otpauth://totp/…'}}" },
    { "RecoveryCodes",
      "{'type':'object','required':['recovery_codes'],'properties':{'recovery_codes':{'type':'array','maxItems':10,"
      "'items':{%S,'maxLength':19}}},'example':{'recovery_codes':['k3fw-…']}}" },
    { "OAuthProviders",
      "{'type':'object','required':['items'],'properties':{'items':{'type':'array','maxItems':16,'items':{"
      "'type':'object','required':['name','title','authorize_url'],'properties':{'name':{%S,'maxLength':50},"
      "'title':{%S,'maxLength':50},'authorize_url':{%S,'maxLength':2048}}}}},'example':{'items':[]}}" },
    { "OAuthCallback",
      "{'type':'object','properties':{'state':{%S,'maxLength':64},'code':{%S,'maxLength':4096},"
      "'iss':{%S,'maxLength':2048},'error':{%S,'maxLength':64}},'example':{'state':'q8cX…','code':'4/0A…'}}" },
    { "OAuthNonce",
      "{'type':'object','required':['nonce','expires_in'],'properties':{'nonce':{%S,'maxLength':128},"
      "'expires_in':{'type':'integer','format':'int32','minimum':1,'maximum':300}},"
      "'example':{'nonce':'AAAA…','expires_in':300}}" },
    { "OAuthLogin",
      "{'type':'object','additionalProperties':false,'required':['provider','id_token'],"
      "'properties':{'provider':{%S,'maxLength':50},'id_token':{%S,'maxLength':16384}},"
      "'example':{'provider':'google','id_token':'eyJ…'}}" },
    { "OAuthLink",
      "{'type':'object','additionalProperties':false,'properties':{'password':{" SECRET "}},"
      "'example':{'password':'correct horse battery staple'}}" },
    { "OAuthWay",
      "{'type':'object','required':['authorize_url','expires_in'],'properties':{'authorize_url':{%S,'maxLength':4096},"
      "'expires_in':{'type':'integer','format':'int32','minimum':1,'maximum':600}},"
      "'example':{'authorize_url':'https://accounts.google.com/…','expires_in':600}}" },
    { "OAuthReturn",
      "{'oneOf':[{'$ref':'#/components/schemas/Tokens'},{'$ref':'#/components/schemas/Detail'}],"
      "'description':'Where FRONTEND_URL is unset: tokens, or that the identity is linked.',"
      "'example':{'detail':'The identity is linked to your account.'}}" },
    { "NewIdentity",
      "{'type':'object','additionalProperties':false,'required':['provider','id_token'],"
      "'properties':{'provider':{%S,'maxLength':50},'id_token':{%S,'maxLength':16384},'password':{" SECRET "}},"
      "'example':{'provider':'google','id_token':'eyJ…','password':'correct horse battery staple'}}" },
    { "Identities",
      "{'type':'object','required':['items'],'properties':{'items':{'type':'array','maxItems':16,'items':{"
      "'type':'object','required':['id','provider','date_created'],"
      "'properties':{'id':{%C},'provider':{%S,'maxLength':50},'email':{%N,'maxLength':254},'date_created':{%T}}}}},"
      "'example':{'items':[]}}" },
    { "AccountExport",
      "{'type':'object','required':['account','sessions','identities','mails','audit_logs'],"
      "'properties':{'account':{'type':'object'},'sessions':{'type':'array','maxItems':1000000,'items':{}},"
      "'api_keys':{'type':'array','maxItems':1000000,'items':{}},'second_factor':{'type':'object'},"
      "'identities':{'type':'array','maxItems':1000,'items':{}},"
      "'mails':{'type':'array','maxItems':1000000,'items':{}},"
      "'audit_logs':{'type':'array','maxItems':10000000,'items':{}}},"
      "'example':{'account':{},'sessions':[],'identities':[],'mails':[],'audit_logs':[]}}" },
    { "Batch",
      "{'type':'array','minItems':1,'maxItems':100,'items':{'type':'object','required':['method','table'],"
      "'properties':{'method':{'type':'string','enum':['POST','PATCH','DELETE']},'table':{%S,'maxLength':63},"
      "'id':{'description':'Key of the row, or a reference to an earlier result.'},'if_match':{%S,'maxLength':128},"
      "'body':{'description':'Fields of the row; {$result, field} is a field of an earlier one.'}}},"
      "'example':[{'method':'POST','table':'notes','body':{}}]}" },
    { "BatchResults",
      "{'type':'object','required':['results'],'properties':{'results':{'type':'array','maxItems':100,'items':{"
      "'type':'object','required':['status','table'],"
      "'properties':{'status':{'type':'integer','format':'int32','minimum':200,'maximum':299},"
      "'table':{%S,'maxLength':63},'etag':{%N,'maxLength':128},'row':{'description':'The row as it is now.'}}}}},"
      "'example':{'results':[]}}" },
    { "Versions",
      "{'type':'object','required':['items','before'],'properties':{'items':{'type':'array','maxItems':100,'items':{"
      "'type':'object','required':['version','date_created','action'],"
      "'properties':{'version':{%C},'date_created':{%T},'action':{%S,'maxLength':63},'actor_id':{%I},"
      "'before':{'description':'Values before the change.'},'after':{'description':'Values after it.'}}}},"
      "'before':{%I,'description':'Where the next older versions are, for the parameter before.'}},"
      "'example':{'items':[],'before':null}}" },
    { "Difference",
      "{'type':'object','required':['from','to','changes'],'properties':{'from':{%C},'to':{%I},"
      "'changes':{'type':'array','maxItems':1600,'items':{'type':'object','required':['field','from','to'],"
      "'properties':{'field':{%S,'maxLength':63},'from':{'description':'Value at from.'},"
      "'to':{'description':'Value at to.'}}}}},"
      "'example':{'from':12,'to':15,'changes':[{'field':'title','from':'one','to':'two'}]}}" },
    { "Changes",
      "{'type':'object','required':['items','after','has_more'],'properties':{'items':{'type':'array','maxItems':1000,"
      "'items':{'type':'object','required':['version','date_created','action','key','before','after'],"
      "'properties':{'version':{%C},'date_created':{%T},'action':{%S,'maxLength':63},"
      "'key':{'description':'Key of the row; null where the table was emptied.'},'actor_id':{%I},"
      "'before':{'description':'Values before the change.'},'after':{'description':'Values after it.'}}}},"
      "'after':{%S,'maxLength':4000,'description':'Where to go on, for the parameter after.'},"
      "'has_more':{'type':'boolean','description':'Whether more is there already.'}},"
      "'example':{'items':[],'after':'AWY','has_more':false}}" },
    { "Affected",
      "{'type':'object','required':['affected'],"
      "'properties':{'affected':{'type':'integer','format':'int32','minimum':0,'maximum':10000}},"
      "'example':{'affected':3}}" },
    { "Import",
      "{'type':'string','format':'binary','description':'A line of names, then one row a line (RFC 4180); or one "
      "JSON object a line.','maxLength':2147483647,'example':'title'}" },
    { "Imported",
      "{'type':'object','required':['rows'],'properties':{'rows':{%C},'created':{%C},'changed':{%C},"
      "'unchanged':{%C},'dry_run':{'type':'boolean'}},"
      "'example':{'rows':2,'created':1,'changed':0,'unchanged':1,'dry_run':false}}" },
    { "Csv", "{'type':'string','format':'binary','maxLength':2147483647,'example':'id,title'}" },
    { "Ndjson", "{'type':'string','format':'binary','maxLength':2147483647,'example':'{}'}" },
    { "OpenApi",
      "{'type':'object','description':'This document.','required':['openapi','info','paths'],"
      "'properties':{'openapi':{%S,'maxLength':16},'info':{'type':'object'},'paths':{'type':'object'}},"
      "'example':{'openapi':'3.0.3','info':{},'paths':{}}}" },
    { "Operand", "{%S,'maxLength':8192}" },
    { "Links",
      "{'type':'object','required':['next','prev','first','last'],'properties':{'next':{%N,'maxLength':8192},"
      "'prev':{%N,'maxLength':8192},'first':{%N,'maxLength':8192},'last':{%N,'maxLength':8192}}}" },
    { "Cursors",
      "{'type':'object','required':['next','prev'],'properties':{'next':{%N,'maxLength':4096},"
      "'prev':{%N,'maxLength':4096}}}" },
    { "Problem",
      "{'type':'object','description':'What went wrong (RFC 9457).','required':['type','title','status','code'],"
      "'properties':{'type':{'type':'string','format':'uri-reference','maxLength':128},"
      "'title':{%S,'maxLength':128},'status':{'type':'integer','format':'int32','minimum':400,'maximum':599},"
      "'detail':{%S,'maxLength':1024},'instance':{%S,'maxLength':8192},"
      "'code':{'type':'string','pattern':'^[a-z_]+$','maxLength':64},'request_id':{%S,'maxLength':64},"
      "'errors':{'type':'array','maxItems':1000,'items':{'type':'object','required':['code','detail'],"
      "'properties':{'field':{%S,'maxLength':256},'parameter':{%S,'maxLength':256},"
      "'header':{%S,'maxLength':256},'code':{%S,'maxLength':64},'detail':{%S,'maxLength':1024}}}}},"
      "'example':{'type':'/problems/invalid','title':'Invalid value','status':422,'code':'invalid',"
      "'errors':[{'field':'username','code':'required','detail':'Send a username of 3 to 50 characters.'}]}}" },
};

/* What bodies with these schemas are; the others are JSON. */
static const struct { const char *schema, *types[3]; } media[] = {
    { "Login", { "application/json", "application/x-www-form-urlencoded" } },
    { "OAuthCallback", { "application/x-www-form-urlencoded" } },
    { "Csv", { "text/csv" } },
    { "Ndjson", { "application/x-ndjson" } },
    { "Import", { "text/csv", "application/x-ndjson" } },
};

const char *const *cab_openapi_types(const char *schema) {
    static const char *const json[] = { "application/json", NULL };
    for (size_t i = 0; i < CAB_LENGTH(media); i++)
        if (strcmp(media[i].schema, schema) == 0)
            return media[i].types;
    return json;
}

bool cab_openapi_has_schema(const char *name) {
    for (size_t i = 0; i < CAB_LENGTH(schemas); i++)
        if (strcmp(schemas[i].name, name) == 0)
            return true;
    return false;
}

void cab_openapi_fixed_schemas(struct cab_json_writer *w, const struct cab_conf *conf,
                               enum cab_openapi_version version) {
    for (size_t i = 0; i < CAB_LENGTH(schemas); i++)
        if (cab_openapi_is_used(w, "schemas", schemas[i].name))
            cab_openapi_put_text(w, schemas[i].name, schemas[i].json, conf, version);
}

void cab_openapi_page(struct cab_json_writer *w, const char *name, const char *item, const struct cab_conf *conf,
                      enum cab_openapi_version version) {
    struct cab_buf buf;
    cab_buf_init(&buf, NULL, 1024);
    cab_buf_adds(&buf, "{'type':'object','required':['items','total','page','size','pages','has_next','has_prev',"
                       "'links','cursors','total_is_estimate'],'properties':{'items':{'type':'array','maxItems':%M,"
                       "'items':{'$ref':'#/components/schemas/");
    cab_buf_adds(&buf, item);
    cab_buf_adds(&buf, "'}},'total':{%I},'page':{%I},"
                       "'size':{'type':'integer','format':'int32','minimum':1,'maximum':%M},'pages':{%I},"
                       "'has_next':{'type':'boolean'},'has_prev':{'type':'boolean'},"
                       "'links':{'$ref':'#/components/schemas/Links'},"
                       "'cursors':{'$ref':'#/components/schemas/Cursors'},'total_is_estimate':{'type':'boolean'}},"
                       "'example':{'items':[],'total':0,'page':1,'size':20,'pages':0,'has_next':false,"
                       "'has_prev':false,'links':{'next':null,'prev':null,'first':'/api/v1/users?page=1',"
                       "'last':'/api/v1/users?page=1'},'cursors':{'next':null,'prev':null},"
                       "'total_is_estimate':false}}");
    cab_openapi_put_text(w, name, buf.data, conf, version);
    cab_mem_free(buf.data);
}
