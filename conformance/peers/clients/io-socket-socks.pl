#!/usr/bin/perl
# IO::Socket::Socks as its documentation shows it.
# usage: io-socket-socks.pl connect|bind|udp PROXY PORT TARGET PORT [USER PASSWORD]
use strict;
use warnings;
use IO::Select;
use IO::Socket::Socks;
use Socket qw(AF_INET AF_INET6 inet_pton);

my ($command, $proxy, $proxy_port, $target, $target_port, @credentials) = @ARGV;
my $is_address = inet_pton(AF_INET, $target) || inet_pton(AF_INET6, $target);
my %asked = (
    connect => [ConnectAddr => $target,   ConnectPort => $target_port],
    bind    => [BindAddr    => $target,   BindPort    => $target_port],
    udp     => [UdpAddr     => '0.0.0.0', UdpPort     => 0],
);
my @login =
  @credentials ? (AuthType => 'userpass', Username => $credentials[0], Password => $credentials[1]) : ();
my $sock = IO::Socket::Socks->new(
    ProxyAddr    => $proxy,
    ProxyPort    => $proxy_port,
    SocksVersion => 5,
    SocksResolve => $command eq 'connect' || !$is_address,    # sends an address as a name too
    @{ $asked{$command} },
    @login
) or die "io-socket-socks.pl: $SOCKS_ERROR\n";

sub deliver {
    my ($to, $octets) = @_;
    for (my $at = 0; $at < length $octets;) {
        $at += syswrite($to, $octets, length($octets) - $at, $at) // die "io-socket-socks.pl: $!\n";
    }
}

if ($command eq 'bind') {
    my ($host, $port) = $sock->dst;
    deliver(\*STDOUT, ($host =~ /:/ ? "[$host]" : $host) . ":$port\n");
    $sock->accept or die "io-socket-socks.pl: $SOCKS_ERROR\n";
}

$SIG{PIPE} = 'IGNORE';
my $peer = [$target, $target_port];
my $ways = IO::Select->new(\*STDIN, $sock);
while ($ways->count) {
    for my $way ($ways->can_read) {
        if ($command eq 'udp' and $way == $sock) {
            my $octets;
            deliver(\*STDOUT, $octets) if defined $sock->recv($octets, 65536);
            next;
        }
        my $n = sysread $way, my $octets, 65536;
        die "io-socket-socks.pl: $!\n" unless defined $n;
        if ($command eq 'udp') {
            exit unless $n;
            $sock->send($octets, 0, $peer);
            next;
        }
        deliver($way == $sock ? \*STDOUT : $sock, $octets);
        next if $n;
        $ways->remove($way);
        $sock->shutdown(1) if $way != $sock;
    }
}
