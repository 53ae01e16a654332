// A person without a mouse: real key events through the whole way, and into and out of every view.
#include "app/views/views.h"
#include "app/window/main_window.h"
#include "tests/support/bench.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <QApplication>
#include <QContextMenuEvent>
#include <QDialog>
#include <QDockWidget>
#include <QElapsedTimer>
#include <QPushButton>
#include <QSet>
#include <QTableWidget>
#include <QTest>
#include <QTimer>

#include <filesystem>

using namespace qs;

namespace {

class Keyboard : public testing::Test, protected TestBench {
protected:
    Keyboard()
    {
        m_window.resize(1280, 720);
        m_window.show();
        m_window.activateWindow();
        EXPECT_TRUE(QTest::qWaitForWindowActive(&m_window));
    }
    ~Keyboard() override { m_window.closeQuietly(); }

    /// To whatever has the keyboard.
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {})
    {
        // The platform of the tests has no window manager that would.
        if (!QApplication::activeWindow()) {
            m_window.activateWindow();
            EXPECT_TRUE(QTest::qWaitForWindowActive(&m_window));
        }
        QWidget* widget = QApplication::focusWidget();
        QTest::keyClick(widget ? widget : QApplication::activeWindow(), key, modifiers);
        settle();
    }
    /// Until `there` says so of what has the keyboard, or nothing new comes.
    bool tabTo(const std::function<bool(QWidget*)>& there, Qt::Key key = Qt::Key_Tab)
    {
        constexpr int most = 150;
        for (int i = 0; i < most; ++i) {
            if (QWidget* widget = QApplication::focusWidget(); widget && there(widget))
                return true;
            press(key);
        }
        return false;
    }
    static std::function<bool(QWidget*)> button(const QString& text)
    {
        return [text](QWidget* widget) {
            const auto* found = qobject_cast<QPushButton*>(widget);
            return found && found->text() == text;
        };
    }
    /// The dialog of that name is open and its plan or preview has come.
    QDialog* dialog(const char* name)
    {
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < 10000) {
            settle();
            QTest::qWait(50);
            auto* found = m_window.findChild<QDialog*>(QLatin1String(name));
            if (found && found->isVisible() && found->isActiveWindow())
                for (const auto* accepts : found->findChildren<QPushButton*>())
                    if (accepts->isDefault() && accepts->isEnabled())
                        return found;
        }
        return nullptr;
    }
    const ViewEntry* viewOf(const QWidget* widget) const
    {
        for (; widget; widget = widget->parentWidget())
            for (const ViewEntry& entry : views())
                if (widget == m_window.dock(QLatin1String(entry.id)) ||
                    (entry.place == Place::Centre && widget->objectName() == QLatin1String("graphPanel")))
                    return &entry;
        return nullptr;
    }

    test::TemporaryFolder m_folder;
    MainWindow m_window{parts};
};

}  // namespace

TEST_F(Keyboard, LeadsFromTheNetworkToItsFiles)
{
    QSettings().setValue(QStringLiteral("exportFolder"), QString::fromStdString(m_folder.path().string()));
    press(Qt::Key_D, Qt::ControlModifier);
    ASSERT_TRUE(session.model());
    press(Qt::Key_F4);
    ASSERT_TRUE(dialog("dataDialog"));
    press(Qt::Key_Return);
    ASSERT_TRUE(session.data());
    press(Qt::Key_F5);
    ASSERT_TRUE(session.record());
    press(Qt::Key_F6);
    ASSERT_TRUE(session.result().comparison);
    press(Qt::Key_F7);
    EXPECT_EQ(session.selectedLayer(), QStringLiteral("dw4"));
    press(Qt::Key_F7, Qt::ShiftModifier);
    ASSERT_TRUE(diagnoser.result().diagnosis);
    EXPECT_STREQ(viewOf(QApplication::focusWidget())->id, "diagnosis");
    ASSERT_TRUE(tabTo(button(QStringLiteral("Try remedies"))));
    press(Qt::Key_Space);
    ASSERT_TRUE(diagnoser.result().remedies.contains("dw4"));
    ASSERT_TRUE(tabTo([](QWidget* widget) { return widget->objectName() == QLatin1String("remedies"); }));
    press(Qt::Key_Down);
    press(Qt::Key_Up);
    const Configuration before = session.configuration();
    ASSERT_TRUE(tabTo(button(QStringLiteral("Apply"))));
    press(Qt::Key_Space);
    EXPECT_NE(session.configuration(), before);
    press(Qt::Key_F5);
    press(Qt::Key_F6);
    ASSERT_FALSE(session.comparisonStale());
    EXPECT_GT(session.result().comparison->classification.agreement, 0.98);
    press(Qt::Key_E, Qt::ControlModifier);
    ASSERT_TRUE(dialog("exportDialog"));
    press(Qt::Key_Return);
    EXPECT_TRUE(std::filesystem::exists(m_folder.path() / "demo_deploy_model.prototxt")) << m_folder.path();
}

TEST_F(Keyboard, ReachesWalksAndLeavesEveryView)
{
    openDemo();
    workflow.analyse();
    settle();
    session.setSelection({QStringLiteral("dw4")});
    diagnoser.run();
    settle();
    QStringList reached;
    for (const Qt::Key group : {Qt::Key_1, Qt::Key_2, Qt::Key_3}) {
        press(group, Qt::ControlModifier);
        // A walk may end outside of every view, from where the first is the next.
        for (size_t i = 0; i < views().size() * 4; ++i) {
            press(Qt::Key_F6, Qt::ControlModifier);
            QWidget* first = QApplication::focusWidget();
            const ViewEntry* view = viewOf(first);
            ASSERT_TRUE(view) << (first ? first->metaObject()->className() : "nothing") << " has the keyboard";
            if (reached.contains(QLatin1String(view->id)))
                continue;
            reached << QLatin1String(view->id);
            // Through all of it, and out of it again.
            QSet<QWidget*> seen;
            QWidget* before = nullptr;
            int inside = 0;  // from link to link of one text
            while (viewOf(QApplication::focusWidget()) == view) {
                QWidget* widget = QApplication::focusWidget();
                inside = widget == before ? inside + 1 : 0;
                ASSERT_TRUE(inside < 20 && (widget == before || !seen.contains(widget)))
                    << view->id << ": caught in " << widget->metaObject()->className() << ' ' << widget->objectName().toStdString();
                seen.insert(before = widget);
                EXPECT_TRUE(widget->isVisible());
                press(Qt::Key_Tab);
            }
            EXPECT_NE(viewOf(QApplication::focusWidget()), view) << view->id;
        }
    }
    for (const ViewEntry& entry : views())
        EXPECT_TRUE(reached.contains(QLatin1String(entry.id))) << entry.id;
}

TEST_F(Keyboard, ShowsWhereItIs)
{
    openDemo();
    workflow.analyse();
    settle();
    session.setSelection({QStringLiteral("dw4")});
    diagnoser.run();
    settle();
    for (const ViewEntry& entry : views()) {
        m_window.focusView(QLatin1String(entry.id));
        settle();
        QSet<QWidget*> seen;
        QWidget* widget = QApplication::focusWidget();
        while (widget && viewOf(widget) == &entry && !seen.contains(widget)) {
            seen.insert(widget);
            // Its surroundings, too: a frame may stand around it.
            const QRect place(widget->mapTo(&m_window, QPoint(0, 0)) - QPoint(3, 3), widget->size() + QSize(6, 6));
            const QImage with = m_window.grab(place).toImage();
            widget->clearFocus();
            const QImage without = m_window.grab(place).toImage();
            widget->setFocus(Qt::TabFocusReason);
            EXPECT_FALSE(with == without) << entry.id << ": " << widget->metaObject()->className() << ' ' << widget->objectName().toStdString();
            press(Qt::Key_Tab);
            widget = QApplication::focusWidget();
        }
    }
}

TEST_F(Keyboard, OpensTheMenuOfTheGraph)
{
    openDemo();
    m_window.focusView(QStringLiteral("graph"));
    press(Qt::Key_Home);
    press(Qt::Key_Down);
    const QString first = session.selectedLayer();
    ASSERT_FALSE(first.isEmpty());
    // Down to "Go to the consumer", and into it.
    QTimer::singleShot(0, &m_window, [] {
        QWidget* menu = QApplication::activePopupWidget();
        ASSERT_TRUE(menu);
        EXPECT_EQ(menu->objectName(), QStringLiteral("graphMenu"));
        QTest::keyClick(menu, Qt::Key_Down);
        QTest::keyClick(menu, Qt::Key_Down);
        QTest::keyClick(menu, Qt::Key_Return);
    });
    QContextMenuEvent key(QContextMenuEvent::Keyboard, {}, {});
    QCoreApplication::sendEvent(QApplication::focusWidget(), &key);
    settle();
    EXPECT_NE(session.selectedLayer(), first);
    press(Qt::Key_Up);
    EXPECT_EQ(session.selectedLayer(), first);
    const Configuration before = session.configuration();
    press(Qt::Key_Space);
    EXPECT_NE(session.configuration(), before);
    press(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(session.configuration(), before);
}
