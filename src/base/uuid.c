/* uuid: UUIDs as bytes and as text. */
#include <cabinet/base.h>
#include <string.h>

static int nibble(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool cab_uuid_parse(const char *text, unsigned char out[16]) {
    int digits = 0;
    if (strlen(text) != 36)
        return false;
    for (int i = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-')
                return false;
            continue;
        }
        int value = nibble(text[i]);
        if (value < 0)
            return false;
        if (digits % 2 == 0)
            out[digits / 2] = (unsigned char)(value << 4);
        else
            out[digits / 2] |= (unsigned char)value;
        digits++;
    }
    return true;
}

void cab_uuid_write(const unsigned char bytes[16], char out[37]) {
    static const char digits[] = "0123456789abcdef";
    char *at = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    *at = '\0';
}

void cab_uuid_make(char out[37]) {
    unsigned char bytes[16];
    cab_random(bytes, sizeof bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40); /* version and variant: RFC 9562 section 5.4 */
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    cab_uuid_write(bytes, out);
}
