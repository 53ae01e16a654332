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
    EXPECT_EQ(done, QStringList());
    QCoreApplication::processEvents();
    EXPECT_EQ(done, QStringList{QStringLiteral("first")});
    QCoreApplication::processEvents();
    EXPECT_EQ(done, QStringList{QStringLiteral("first")}) << "the turn behind it is for what it asked for";
    QCoreApplication::processEvents();
    EXPECT_EQ(done, (QStringList{QStringLiteral("first"), QStringLiteral("second")}));
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
    QCoreApplication::processEvents();
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
