#!/usr/bin/perl
# IO::Socket::Socks as its documentation shows it.
# usage: io-socket-socks.pl PROXY PORT TARGET PORT [USER PASSWORD]
use strict;
use warnings;
use IO::Select;
use IO::Socket::Socks;

my ($proxy, $proxy_port, $target, $target_port, @credentials) = @ARGV;
my @login =
  @credentials ? (AuthType => 'userpass', Username => $credentials[0], Password => $credentials[1]) : ();
my $sock = IO::Socket::Socks->new(
    ProxyAddr    => $proxy,
    ProxyPort    => $proxy_port,
    ConnectAddr  => $target,
    ConnectPort  => $target_port,
    SocksVersion => 5,
    SocksResolve => 1,
    @login
) or die "io-socket-socks.pl: $SOCKS_ERROR\n";

$SIG{PIPE} = 'IGNORE';
my $ways = IO::Select->new(\*STDIN, $sock);
while ($ways->count) {
    for my $way ($ways->can_read) {
        my $n = sysread $way, my $octets, 65536;
        die "io-socket-socks.pl: $!\n" unless defined $n;
        my $to = $way == $sock ? \*STDOUT : $sock;
        for (my $at = 0; $at < $n;) {
            $at += syswrite($to, $octets, $n - $at, $at) // die "io-socket-socks.pl: $!\n";
        }
        next if $n;
        $ways->remove($way);
        $sock->shutdown(1) if $way != $sock;
    }
}
