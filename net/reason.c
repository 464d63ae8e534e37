/* Reasons in words. */
#include "net/reason.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const texts[NET_REASONS] = {
	[NET_OK] = "good",
	[NET_NO_CARD] = "no wired network card",
	[NET_NO_CABLE] = "no network cable",
	[NET_NO_ADDRESS] = "the network gives no address",
	[NET_NO_ROUTE] = "no way to the server",
	[NET_NAME] = "the server's name is not known",
	[NET_REFUSED] = "nothing answers at the server's address",
	[NET_SILENT] = "the server does not answer",
	[NET_NO_TLS] = "what answers is not the server: a proxy or a captive portal?",
	[NET_CA] = "the server's certificate is not from the CA that this device knows",
	[NET_WRONG_NAME] = "the certificate is for another server",
	[NET_EXPIRED] = "the server's certificate has expired",
	[NET_NOT_YET] = "the certificate is not valid yet: this device's clock is wrong",
	[NET_CERTIFICATE] = "the server's certificate is not acceptable",
	[NET_TLS] = "no encrypted connection to the server",
	[NET_PROXY] = "the proxy does not let this device through",
	[NET_PORTAL] = "the network wants somebody to log in first (captive portal)",
	[NET_NOT_THERE] = "the server has nothing for this device",
	[NET_ANSWER] = "the server answers with an error",
	[NET_NO_PARTS] = "the server does not give parts of files",
	[NET_SIZE] = "the file has another size than the server said",
	[NET_CUT] = "the connection was cut",
	[NET_SLOW] = "nothing more comes from the server",
	[NET_ADDRESS] = "the server's address is malformed",
	[NET_LIST] = "the server's list for this model is malformed",
	[NET_NO_SERVER] = "no server is known",
	[NET_NO_CA] = "no CA is known for the server",
	[NET_MEMORY] = "not enough memory",
	[NET_STOPPED] = "stopped",
};

const char *net_reason_text(enum net_reason reason)
{
	return reason < NET_REASONS ? texts[reason] : "unknown";
}

enum net_reason net_problem_set(struct net_problem *problem, enum net_reason reason,
				const char *fmt, ...)
{
	va_list args;

	if (problem == NULL)
		return reason;
	problem->reason = reason;
	va_start(args, fmt);
	(void)vsnprintf(problem->detail, sizeof problem->detail, fmt, args);
	va_end(args);
	return reason;
}

int net_reason_passes(enum net_reason reason)
{
	switch (reason) {
	case NET_NO_CABLE:
	case NET_NO_ADDRESS:
	case NET_NO_ROUTE:
	case NET_NAME:
	case NET_REFUSED:
	case NET_SILENT:
	case NET_ANSWER:
	case NET_CUT:
	case NET_SLOW:
		return 1;
	default:
		return 0;
	}
}
