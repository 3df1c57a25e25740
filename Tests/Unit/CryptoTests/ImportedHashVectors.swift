/// Hashes that other implementations made: PyPI's bcrypt and passlib, Django's hasher, Python's hashlib, and libxcrypt
/// for `$7$`.
enum ImportedHashVectors {
    /// Of `correct horse`.
    static let ascii = [
        "$2a$04$hoKv1zO059/lw8ozYCyHJ.pENcIS1WdMEQ3xdhCwRKqSaX/wslKvy",
        "$2b$04$rmsxeXwQkIfjxQuDDCzSR.Bnk7rW68npSfYyEw7TFl73sj0TN3iLu",
        "$2y$05$li3iWQ9pQb3ZY0gNCWzOseEUmR4dScf70Vqg/VsDCfFgav5Cy08wy",
        "$scrypt$ln=8,r=8,p=1$jdFaay0lRAgBgDCm9B4j5A$X2OlCt9yKp2HersUbbCaKnWvZl2YJ1Dn8L+y3fJV/Tc",
        "$scrypt$ln=5,r=4,p=3$BmCstXYOoXQuZSxFyFlL6Q$aowfXnFH3m3+vdPYYsTmruNZzuvVgAL2hqigimOU9+0",
        "$pbkdf2-sha256$1000$LeXcu7eWUsrZG0Po/V8LoQ$AcBoXQ.dRxg7gixzCP1HqG9CZt0mH3tWDHrSDw8/yZk",
        "$pbkdf2-sha512$500$HoOwVopxrjUGwLh3Tumd8w$t7TR0IpwU2i2XQQ15rN.Nr2sczwQgDMKb1njwzmn/UUVM919"
            + "FywvKddKHoKAZD672JyvnYoD1qc2QPiOvj8XjQ",
        "pbkdf2_sha256$1500$Zq3vG1xTb0pLsQ9w$s928ONGGFKpQ/g68u62QDjLLZIYvJeQJbotG7axLAMc=",
        "$pbkdf2-sha256$i=1200,l=32$MDEyMzQ1Njc4OWFiY2RlZg$aCG4tQGUV+nhBFCGnfDHLhxUG3YEIh8hLILMSPQCWow",
        "$pbkdf2-sha512$i=1200$MDEyMzQ1Njc4OWFiY2RlZg$t2Ieqkr6V4kqOGnU77hNyviB15QzN7ZHTHjFOaCSunebX"
            + "BIrpENNzz6iHaY+LeI0qjz5FvyJPUn5kC3nLijplQ",
        "pbkdf2_sha512$900$seasalt$12iD9/y3uBuoAGozJFxAtHf/IwTsHW3Bf7jGDJXUzCNi9LzVxs077kuJwcsuEB21"
            + "ARqVqkeAfQQt1c6Yyr4fog==",
        "$scrypt$ln=6,r=8,p=2$MDEyMzQ1Njc4OWFiY2RlZg$8SuY8NUOjwvkMqfWWt1Fk1QWYAT+WtMR2my0rk8ZanI",
        "$7$66..../....LHq5T0WwVxk3PzmA$EwJZVQGlmZZ8ROs0WMj30ARLKY85bf0OV3iFcRDSfz.",
        "$7$42....0....ab$ZBmR8Y4u/aTJPAB7DXWtpGMIBt9w7eLQo7F6QKmu93C",
        // By Django 5's hashers, as WordPress 6.8 and Spring write bcrypt, and as Kratos writes scrypt.
        "bcrypt_sha256$$2b$04$6SkRXGrU42Ww7ROW5DkS9uD2YcfuRFpHRVS9y1kdqhqiLbNv7Av8u",
        "bcrypt$$2b$04$OegcAvFoedhRXb7lOT/EWeKP./F1yoGK64BLV3ryS1sZyMfUHuBJK",
        "argon2$argon2id$v=19$m=64,t=1,p=2$c2FsdHNhbHQxMjM0NTY3OA$Ur2P/epqJJFIvSH+3YkXS80goGOSi79oRrr0Wi+ypZI",
        "$wp$2y$04$x4OL5ExmjNEdozgfjSwtAOFVoTJw2T8Y7h51yLJpT1N7g4ULPpXdq",
        "{bcrypt}$2a$04$6jT/veKp1/griSiQZQs.4exWRyGN2MA5WfH3hQ3P2b5sxydc8NBLu",
        "$scrypt$ln=1024,r=8,p=1$lSn3icGy4UWiphE5m7A2B/xBhfbAKASR3vw3r2E2PZs=$"
            + "1VstM5IQ2Y6rp1KDZBInTU/AdgvC9MmO1KnJd2y7KvI=",
        "$argon2id$v=19$m=64,t=1,p=2$ydAi5KioBN3sEa9MdvGdyQ$z6Z8FMBSsx0QZ3J2IQnZ985iykAFfGZ5FjtjGGp+HoU=",
    ]

    /// Of `unicodePassword`.
    static let unicode = [
        "$2a$04$L/o72ep.rrvpbyBMyXq8Pu6OhS6Tcb.wdhP59lNRWkdnHpHb1uP12",
        "$2b$04$OxvRuy9ZnYEsysgO2EozxeVe8zmKnJ3PRK0iApVBL97A8bOPraEA6",
        "$2y$05$zDMWKE2UpRnl5QIywMIQrurVGKzvuzxHzzul8AGnbYS7iWUgyjFDC",
        "$scrypt$ln=8,r=8,p=1$+L93DgEAYOxda41x7v0/Bw$KBhUfk/TZvKTHg+FYsL4nwCjjkUXSUb8g4UkL73jaL8",
        "$scrypt$ln=5,r=4,p=3$eq/VWouxFuI8ByBkbO3duw$IkFPnr1b+0UZ1n2BprXTHmH2UpdiV2+tapTJRYItnIA",
        "$pbkdf2-sha256$1000$GCMEgPBeq/V.z/n/nxOi1A$VeJ674E7BKaOVEFOPs0T78n03cdi2B4UNydIphzsGFY",
        "$pbkdf2-sha512$500$CQEAoFRq7d2bk1LKGcM4hw$2amS9MKF/PHArg9ocPvCQcGZlssK36yTWO9Tyka0FhlnIK3z"
            + "Ic/8ZbNejPSy7C2Y4P/zkTCV3orNzo9btirb5Q",
        "pbkdf2_sha256$1500$Zq3vG1xTb0pLsQ9w$mwvZGOZJnlepI2/o9d5/8PBpmXUwEQZQGQR/dF9TpbE=",
        "$pbkdf2-sha256$i=1200,l=32$MDEyMzQ1Njc4OWFiY2RlZg$rNddWOmdRtoVhxceWCiojFp9JGE26+enOO3UeejhIlo",
        "$pbkdf2-sha512$i=1200$MDEyMzQ1Njc4OWFiY2RlZg$WMMVQcwI4P569qqLLbo89jRR694Mel5uF1EOl61/Lp+j1"
            + "iOc0BDPeM3YhspgY1odBxqG94U2CQfnPLwCUUPvoQ",
        "pbkdf2_sha512$900$seasalt$7oBZB3BPOQuipqDhe/ndntkXX5BnlvaP+TGuN8DjSoL/Lvit9YtEaFuGRm3/vNzx"
            + "Qh+/Y6BcuBd3WPGXdwExNA==",
        "$scrypt$ln=6,r=8,p=2$MDEyMzQ1Njc4OWFiY2RlZg$HVfVt97hrm2WBg1BgkWG07FdfD8xwHTkYHZaoN5ZNuA",
        "$7$66..../....LHq5T0WwVxk3PzmA$YbbeO2Vej9hCLv7BAMev4vweC4lZRezUX5mHiZdCFE1",
        "$7$42....0....ab$d0Bv3Ra/uiBFrBN6f6gRQCud3T1SWPN/VnXkpaHZif/",
    ]

    /// Neither in normal form C nor ASCII: the accent of the t has no composed form.
    static let unicodePassword = Array("P\u{E4}sswort\u{301} \u{43D}\u{430}".utf8)

    /// Of 72 times `a`.
    static let longest = "$2b$04$DR8LNnbGUi46sZfOr0akJejZp7OxHlzPfWuuWkpbsXHvQfpLgjYJ6"

    /// Of the empty password; scrypt and PBKDF2 with an empty salt too.
    static let empty = [
        "$2b$04$AvrsyU.AT9YNQaxEPYGzP.Y3xYhK9hJ//Tmbuc3a/3QervlLss4l.",
        "$scrypt$ln=4,r=8,p=1$$4rGINxfYefSVy32Gqh64aX5ySXjo/IGYgbAH+7os+Gs",
        "pbkdf2_sha256$1$$984LZT0tcqQQjPWr6RL/3Xd2Ftu7J6cOggTzri0Pb60=",
    ]
}
