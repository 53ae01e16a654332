#include "app/session/turns.h"

#include <gtest/gtest.h>
#include <QCoreApplication>
#include <QStringList>

#include <memory>

using namespace qs;

namespace {

struct TurnsTest : testing::Test {
    Turns turns;
    QObject first, second;
    QStringList done;

    void ask(QObject* whose, const QString& what)
    {
        turns.ask(whose, [this, what] { done << what; });
    }
};

}  // namespace

TEST_F(TurnsTest, EachPieceHasATurnOfItsOwn)
{
    ask(&first, QStringLiteral("first"));
    ask(&second, QStringLiteral("second"));
    const QStringList one{QStringLiteral("first")};
    // Behind the edit and behind each piece a turn is left to what they asked for.
    for (const QStringList& expected : {QStringList(), one, one, one + QStringList{QStringLiteral("second")}}) {
        QCoreApplication::processEvents();
        EXPECT_EQ(done, expected);
    }
}

TEST_F(TurnsTest, WhatWaitsAlreadyIsDoneOnce)
{
    ask(&first, QStringLiteral("first"));
    ask(&first, QStringLiteral("again"));
    turns.finish();
    EXPECT_EQ(done, QStringList{QStringLiteral("first")});
    ask(&first, QStringLiteral("later"));
    turns.finish();
    EXPECT_EQ(done, (QStringList{QStringLiteral("first"), QStringLiteral("later")}));
}

TEST_F(TurnsTest, NothingIsDoneForWhoIsGone)
{
    auto gone = std::make_unique<QObject>();
    ask(gone.get(), QStringLiteral("gone"));
    ask(&second, QStringLiteral("second"));
    gone.reset();
    turns.finish();
    EXPECT_EQ(done, QStringList{QStringLiteral("second")});
}

TEST_F(TurnsTest, MoreMayBeAskedForMeanwhile)
{
    turns.ask(&first, [this] {
        done << QStringLiteral("first");
        ask(&first, QStringLiteral("again"));
    });
    turns.finish();
    EXPECT_EQ(done, (QStringList{QStringLiteral("first"), QStringLiteral("again")}));
}
