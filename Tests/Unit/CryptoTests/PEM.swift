/// Private keys of the RFCs' examples and made for these tests; none protects anything.
enum PEM {
    /// RFC 7515 appendix A.2.
    static let rsa = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh+BYK4uPJtGXO
        jS1lYmM2K5J9vinh8CR3/BYlzJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8ImtxL
        aYk8wTM/U+3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNn
        juygxmj3AbONv/s4yDQs4v5tJ/reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5
        ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jkiGUkf
        toaHLFcW9Qr4NY2ai50Xw0Byj3+H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHg
        VFbK5emhAgMBAAECggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyW
        PEAeP88vLNO97IjlA7/GQ5sLKMgvfTeXZx9SE+7YwVol2NXOoAJe46sui395IW/G
        O+pWJ1O0BkTGoVEn2bKVRUCgu+GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzj
        kn439X0M/V51gfpRLI9JYanrC4D4qAdGcopV/0ZHHzQlBjudU2QvXt4ehNYTCBr6
        XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl/x/jTj3ccPDVZFD9pIuhLhBOneufuBiB
        4cS98l2SR/RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0K
        pLttoLhyt3SmqdEf/kgHePDdtzEafpAu+cS191R2JiuoF2yzWXnwFDcqGigp5BNr
        0AHQfD8/Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqE
        lMGAg+C2V0L4oNXnP7LZcPAZRwKBgQC5A8R+CZW2MvRTLLHzwZkUXV866cff7tx6
        kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7vMVgePsLq6XtON4tB5kP9jAP
        rq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS/l1OW1EnXUEoEHKl54Xrrz2uNw
        kgMTP1FZ1wKBgAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7/Ls5bkUp
        5u9SN0Ai3Ya6hNnvWJMb7sXQX6U/zyO2M/hTip7tUeh7CXgwo59dkpN75gJLVds2
        9+DAncu3KXU4f2Fa+7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf/
        evpitUf+4JYbLpvNXWcY052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcG
        yoAe9fa65iNqCq+jdw6PVNGo2hxfjSiZ8IIzHdsPXI89//pMjZcQK9r+CCoRjaZj
        OYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2
        tOgrjbcrfvtQJipd+DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd/QJQ3
        ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp/gh6A56
        03k2+ZQwVK0JKSHuLFkuQ3U=
        -----END PRIVATE KEY-----
        """

    /// RFC 7515 appendix A.3.
    static let p256 = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIff
        H1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp
        7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt
        -----END PRIVATE KEY-----
        """

    /// The same key as SEC 1.
    static let p256SEC1 = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49
        AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72b
        focs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==
        -----END EC PRIVATE KEY-----
        """

    /// RFC 8037 appendix A.1.
    static let ed25519 = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
        -----END PRIVATE KEY-----
        """

    /// RSA of 1,024 bits.
    static let rsa1024 = """
        -----BEGIN PRIVATE KEY-----
        MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAKqiBVY14L/1bxZg
        JGjRmiubO8xbLgkzlqiRlylnrmeE0nSEnZuRqtTtdlOF4xzxeFzQFcfqK1pUwPjm
        0RheJ3b8rXelKG4aDWFzze9Z/xPxTRYVbufiqJcbrOgV0NcS96T1zM8U1Rv8bKiK
        l7FYRq2H6U1zqdnfaf7feHHIWDlPAgMBAAECgYABTJiDzoc2jvTYk8TTM31cBaOP
        68XO9iCYifs/qnVuflln37aff51wX5p+Ck/vYXtMIZ141zSbTHfnrUI8UEM2poe/
        NN0zlFPTat2koL85AFE3ZmHQOz0p0srOF+sAu6uuNr1Bw6GMVq6T88ezMIa+C+Pe
        slJSjUV5JXl4H+2roQJBAN1axvK9lAzJAztXYy0tOBFjPKja1YzVB6fQzLObCB17
        JNvIc1SOpxkHY0ggnL3c1DOjU/HIaR/mtJcc/MhOBBECQQDFVu3yVhpr+A7cFlvA
        Ioh8yax73Bfzosp5Lj/zWN+LE+cBJnkNEaFnST3kwoLJpZRCXD8uP2OeJz6ChsHA
        BEdfAkAjYGCvZtEEghO8Jik5jSKK1Nta+S5sBZfloB83DS3s2EN5xL155Bqci2u4
        mU2zollfr1i5KZhzesGd7QoRUTahAkAp2HIihiGaLYKxJsiT6H66v2Uk6pnlnuqC
        Yc1Lw9e7PSAp/UeD/u4T4dMPFDP5oHPc0oTPQL/WBIpb0Ul6dy3PAkEA2KRm2RvS
        BtzHcctAU3Su0O44OnkDhIAlYeklwoxwgDhQxQb9sPbNxh2TL0PCPqlCZIWq4HO/
        0r6c+cav95h6Ng==
        -----END PRIVATE KEY-----
        """

    /// An EC key on another curve.
    static let p384 = """
        -----BEGIN PRIVATE KEY-----
        MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCXUUsW6//yMHkeXf3h
        p4wClrC3U1+IVYfHoYBdpXYWZMhCXqwQWgkWSF13CyNULamhZANiAAQ37Iev1jkU
        G4sqo3C64YvwV+4hHUFeXkyOK3eP+q9fD+cCwxXAjHqu34I4wwcqxp8oDZnz7sKy
        PwWxpv7DDdLrSg5L7twKKyWtwqgd8WR0UGL48x1PM0NDc/gCba7fX5M=
        -----END PRIVATE KEY-----
        """

    /// The P-256 key under a pass phrase.
    static let encrypted = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIH0MF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBCz2n0g+Br97UpgT9Py
        QvVvAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQTlEI181/r2eitYsQ
        OEZPaQSBkCvdTAuCcq2Xr6yOUWFfKY2R/vM8koY0TZFcRGyGTNICP24qnuEfIi/5
        YYyHqmTyY/hN5q29OUNU8Pl8yo3v5BwyqW5eVJv6jpmcCwQgq2TwGlPwNw/qcNC9
        JRg9Iyx0UrU3JeFQnEB2s7QVb9iRaz7dwFjewLK5I6s4WupixdRCJoSuDpFNcWIg
        F7/mUcDmvw==
        -----END ENCRYPTED PRIVATE KEY-----
        """

    /// A P-256 private key with the public part of another one.
    static let inconsistent = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYXpYJxIl5wXB3Ipa
        WSWQZYwh1JrWJdeNmLJ78DfS86OhRANCAAQXSBI0kammqNqdCsHWpS+pniDFooHN
        IftoOIHxEJhHEIbYgQz73YVdAF6EqWfkk0mMgZe2DfnNa7FQ5Wjw7Pqn
        -----END PRIVATE KEY-----
        """
}
